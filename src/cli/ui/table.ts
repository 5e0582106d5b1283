import { stripVTControlCharacters } from "node:util";
import { ESCAPE } from "../../platform/printable.ts";
import { STYLE_CODE } from "./style.ts";

/** Space between two columns. */
const GAP = "  ";

/** A column is not made narrower than this. */
const MIN_COLUMN_CHARS = 8;

/**
 * Lays out rows in columns as wide as their widest cell. The last column is not padded. Colour codes in cells have no width.
 * On a terminal that is too narrow the widest columns are made narrower, and their cells go on in further lines.
 */
export function table(rows: readonly (readonly string[])[], columns = process.stdout.columns): string {
	// A name with a line feed must not look like another row.
	const flat = rows.map((row) => row.map((cell) => cell.replaceAll("\n", " ")));
	const widths = fittingWidths(flat, columns);
	return flat
		.flatMap((row) => linesOf(row, widths))
		.map((line) => `${line}\n`)
		.join("");
}

function fittingWidths(rows: readonly (readonly string[])[], columns: number | undefined): number[] {
	const widths: number[] = [];
	for (const row of rows) {
		row.forEach((cell, column) => {
			widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
		});
	}
	const total = () => widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
	for (let excess = total() - (columns ?? Infinity); excess > 0; excess = total() - (columns ?? Infinity)) {
		const widest = Math.max(...widths);
		if (widest <= MIN_COLUMN_CHARS) break;
		const next = Math.max(MIN_COLUMN_CHARS, ...widths.filter((width) => width < widest));
		const shrinking = widths.indexOf(widest);
		widths[shrinking] = Math.max(next - 1, MIN_COLUMN_CHARS, widest - excess);
	}
	return widths;
}

/** A row; several lines if a cell is longer than its column. */
function linesOf(row: readonly string[], widths: readonly number[]): string[] {
	const cells = row.map((cell, column) => wrapped(cell, widths[column] ?? 0));
	const height = Math.max(1, ...cells.map(({ length }) => length));
	return Array.from({ length: height }, (_none, line) => {
		const parts = cells.map((lines, column) => {
			const part = lines[line] ?? "";
			return part + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(part)));
		});
		return parts.join(GAP).trimEnd();
	});
}

/** Where a text may go on in the next line: after blanks, and after the signs in addresses, paths and lists. */
const BREAKABLE = /[^\s/,]*[\s/,]*/g;

/** A text in lines of at most this width. A style that is open at the end of a line goes on in the next one. */
export function wrapped(text: string, width: number): string[] {
	if (widthOf(text) <= width) return [text];
	const lines = [""];
	for (const piece of (text.match(BREAKABLE) ?? []).flatMap((each) => cut(each, width))) {
		const line = `${lines.at(-1)}${piece}`;
		if (widthOf(line.trimEnd()) <= width) lines[lines.length - 1] = line;
		else lines.push(piece);
	}
	let open = "";
	return lines.map((line) => {
		const whole = `${open}${line.trimEnd()}`;
		const last = whole.match(STYLE_CODES)?.at(-1) ?? "";
		open = STYLE_ENDS.includes(last) ? "" : last;
		return open === "" ? whole : `${whole}${STYLE_ENDS.join("")}`;
	});
}

/** A word in pieces of at most this width. */
function cut(word: string, width: number): string[] {
	if (widthOf(word.trimEnd()) <= width) return [word];
	const characters = word.split(STYLE_CODE).flatMap((part, index) => (index % 2 === 1 ? [part] : [...part]));
	const pieces = [""];
	for (const character of characters) {
		const piece = `${pieces.at(-1)}${character}`;
		if (widthOf(piece) <= width) pieces[pieces.length - 1] = piece;
		else pieces.push(character);
	}
	return pieces;
}

const STYLE_CODES = new RegExp(STYLE_CODE, "g");
const STYLE_ENDS = [`${ESCAPE}[22m`, `${ESCAPE}[39m`];

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

/** A text below an indent. On a terminal it goes on in further lines; an address stays whole. */
export function paragraph(text: string, indent: string, columns = process.stdout.columns): string {
	const width = (columns ?? Infinity) - indent.length;
	const lines: string[] = [];
	for (const word of text.split(" ")) {
		const line = `${lines.at(-1)} ${word}`;
		if (lines.length > 0 && widthOf(line) <= width) lines[lines.length - 1] = line;
		else lines.push(word);
	}
	return lines.map((line) => `${indent}${line}\n`).join("");
}
