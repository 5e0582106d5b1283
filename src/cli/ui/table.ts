/** Space between two columns. */
const GAP = "  ";

/**
 * Lays rows out in columns as wide as their widest cell. The last column is not padded. Cells may hold colour codes,
 * which take no room.
 */
export function table(rows: readonly (readonly string[])[]): string {
	const widths: number[] = [];
	for (const row of rows) {
		row.forEach((cell, column) => {
			widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
		});
	}
	const lines = rows.map((row) => {
		const cells = row.map((cell, column) => {
			const last = column === row.length - 1;
			return last ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell));
		});
		return cells.join(GAP).trimEnd();
	});
	return lines.map((line) => `${line}\n`).join("");
}

/**
 * The rows without the columns that a terminal has no room for, the first named go first. Where the output is not a
 * terminal, `columns` is undefined and everything stays. Remarks in the last column may still be wrapped.
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
		if (width() <= (columns ?? Number.POSITIVE_INFINITY) - LAST) break;
		dropped.add(column);
	}
	return rows.map((row) => row.filter((_cell, column) => !dropped.has(column)));
}

/** Room for the last column. */
const LAST = 12;

/** Columns on the screen: escape sequences count for nothing. */
function widthOf(cell: string): number {
	return cell.replaceAll(COLOURS, "").length;
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
