// Parsing and walking TypeScript for the scripts that measure and mutate the code. TypeScript 7 has no JavaScript API, so the parser is oxc's.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, visitorKeys } from "oxc-parser";

/** @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node */

/** Every TypeScript file below `folder`, as sorted paths that start with `folder`. */
export function sourceFiles(folder) {
	return readdirSync(folder, { recursive: true })
		.filter((name) => /\.[mc]?tsx?$/.test(name) && !name.endsWith(".d.ts"))
		.filter((name) => !name.split("/").includes("node_modules"))
		.map((name) => join(folder, name))
		.sort();
}

/** The text of a file, its syntax tree and its comments. */
export function parseFile(path) {
	const text = readFileSync(path, "utf8");
	const { program, comments, errors } = parseSync(path, text);
	if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
	return { path, text, program, comments };
}

/**
 * Calls `visit(node, ancestors)` for each node, parents first. A visitor that returns false skips the children of its node.
 *
 * @param {Node} node
 * @param {(node: Node, ancestors: readonly Node[]) => unknown} visit
 */
export function walk(node, visit, ancestors = []) {
	if (visit(node, ancestors) === false) return;
	const path = [...ancestors, node];
	for (const key of visitorKeys[node.type] ?? []) {
		for (const child of [node[key]].flat()) if (child) walk(child, visit, path);
	}
}

/** Returns a function that gives the 1-based line of an offset. */
export function lineIndex(text) {
	const starts = [0];
	for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
	return (offset) => {
		let low = 0;
		let high = starts.length;
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if (starts[middle] <= offset) low = middle;
			else high = middle;
		}
		return low + 1;
	};
}
