import { stripVTControlCharacters } from "node:util";

/** Space between two columns. */
const GAP = "  ";

/**
 * Lays out rows in columns as wide as their widest cell. The last column is not padded. Colour codes in cells have no
 * width.
 */
export function table(rows: readonly (readonly string[])[]): string {
	const widths: number[] = [];
	// A name with a line feed must not look like another row.
	const flat = rows.map((row) => row.map((cell) => cell.replaceAll("\n", " ")));
	for (const row of flat) {
		row.forEach((cell, column) => {
			widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
		});
	}
	const lines = flat.map((row) => {
		const cells = row.map((cell, column) => {
			const last = column === row.length - 1;
			return last ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell));
		});
		return cells.join(GAP).trimEnd();
	});
	return lines.map((line) => `${line}\n`).join("");
}

/**
 * The rows without the columns that do not fit a terminal of this width; those in `lessNeeded` are dropped in order.
 * With `columns` undefined, when the output is not a terminal, all stay. The last column may still wrap.
 */
export function fitted(
	rows: readonly (readonly string[])[],
	lessNeeded: readonly number[],
	columns: number | undefined,
): string[][] {
	const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
	const dropped = new Set<number>();
	const width = () => {
		const kept = widths.slice(0, -1).filter((_width, column) => !dropped.has(column));
		return kept.reduce((sum, each) => sum + each + GAP.length, 0);
	};
	for (const column of lessNeeded) {
		if (width() <= (columns ?? Number.POSITIVE_INFINITY) - MIN_LAST_COLUMN_CHARS) break;
		dropped.add(column);
	}
	return rows.map((row) => row.filter((_cell, column) => !dropped.has(column)));
}

/** Least width of the last column. */
const MIN_LAST_COLUMN_CHARS = 12;

/** Width on the screen: escape sequences have none. */
function widthOf(cell: string): number {
	return stripVTControlCharacters(cell).length;
}
