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

/** Columns on the screen: escape sequences count for nothing. */
function widthOf(cell: string): number {
	return cell.replaceAll(COLOURS, "").length;
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
