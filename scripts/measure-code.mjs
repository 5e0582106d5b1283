// Measures a source tree: sizes, nesting, comments, coupling, casts and repeated code.
//
//   node scripts/measure-code.mjs [DIR=src] [--json] [--repeats]
//
// --repeats lists each pair of places with repeated code, equal or with other names.

import { parseArgs } from "node:util";
import { findRepeats, MIN_REPEATED_LINES, shapeOf } from "./repeated-code.mjs";
import { lineIndex, parseFile, sourceFiles, walk } from "./syntax-tree.mjs";

const LONG_FUNCTION_LINES = 50;
const SMALL_FILE_LINES = 30;
const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const NESTING = new Set([
	"IfStatement",
	"ForStatement",
	"ForInStatement",
	"ForOfStatement",
	"WhileStatement",
	"DoWhileStatement",
	"SwitchStatement",
	"TryStatement",
]);

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: { json: { type: "boolean", default: false }, repeats: { type: "boolean", default: false } },
});
const folder = positionals[0] ?? "src";
const files = sourceFiles(folder).map(measureFile);
const repeats = findRepeats(files, (text) => text);
const similar = findRepeats(files, shapeOf);
const measures = summarize();

if (options.json) console.log(JSON.stringify(measures, null, "\t"));
else {
	console.log(table(measures));
	if (options.repeats) for (const repeat of similar) console.log(describeRepeat(repeat));
}

function measureFile(path) {
	const { text, program, comments } = parseFile(path);
	const lineOf = lineIndex(text);
	const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
	const functions = [];
	let nesting = 0;
	let casts = 0;
	walk(program, (node, ancestors) => {
		if (FUNCTIONS.has(node.type) && node.body) functions.push(lineOf(node.end) - lineOf(node.start) + 1);
		if (NESTING.has(node.type)) nesting = Math.max(nesting, depth(node, ancestors));
		if (isCast(node)) casts++;
	});
	return {
		path,
		lines: lines.length,
		filledLines: lines.filter((line) => line.trim() !== "").length,
		commentLines: commentLines(comments, lines, lineOf),
		functions,
		nesting,
		casts,
		imports: program.body.filter(isImport).length,
		exports: exportsOf(program, comments, text),
		code: codeLines(lines),
	};
}

/** How many statements nest up to this one within its function; the `if` of an `else if` adds none. */
function depth(node, ancestors) {
	let count = 1;
	let child = node;
	for (const parent of [...ancestors].reverse()) {
		if (FUNCTIONS.has(parent.type)) break;
		const isElseIf = parent.type === "IfStatement" && child.type === "IfStatement" && parent.alternate === child;
		if (NESTING.has(parent.type) && !isElseIf) count++;
		child = parent;
	}
	return count;
}

/** `x as T` and `<T>x`; `as const` only narrows and is not counted. */
function isCast(node) {
	if (node.type !== "TSAsExpression" && node.type !== "TSTypeAssertion") return false;
	const type = node.typeAnnotation;
	return !(type.type === "TSTypeReference" && type.typeName.name === "const");
}

/** Imports and `export … from`, each of which ties the file to another. */
function isImport(statement) {
	return statement.type === "ImportDeclaration" || (statement.type.startsWith("Export") && statement.source);
}

/** Lines that hold nothing but a comment. */
function commentLines(comments, lines, lineOf) {
	const found = new Set();
	for (const comment of comments) {
		const first = lineOf(comment.start);
		for (let line = first; line <= lineOf(comment.end - 1); line++) {
			if (line > first || /^\s*\/[/*]/.test(lines[line - 1])) found.add(line);
		}
	}
	return found.size;
}

/** One entry per exported declaration: whether a comment ends just above it. A list `export { a, b }` counts each name once. */
function exportsOf(program, comments, text) {
	const hasCommentAbove = (node) =>
		comments.some((comment) => comment.end <= node.start && /^\n?[\t ]*$/.test(text.slice(comment.end, node.start)));
	const documented = [];
	for (const node of program.body) {
		if (!node.type.startsWith("Export")) continue;
		const count = node.declaration?.declarations?.length ?? node.specifiers?.length ?? 1;
		for (let index = 0; index < Math.max(1, count); index++) documented.push(hasCommentAbove(node));
	}
	return documented;
}

/** The lines of code with whitespace collapsed; without blank lines, comments, imports and lone brackets. */
function codeLines(lines) {
	const kept = [];
	let isInImport = false;
	lines.forEach((line, index) => {
		const text = line.trim().replace(/\s+/g, " ");
		if (/^import\b/.test(text)) isInImport = true;
		const isSkipped = isInImport || !/\w/.test(text) || /^(\/\/|\/?\*)/.test(text);
		if (!isSkipped) kept.push({ text, line: index + 1 });
		if (isInImport && /;$/.test(text)) isInImport = false;
	});
	return kept;
}

function summarize() {
	const fileLines = files.map((file) => file.lines);
	const functionLines = files.flatMap((file) => file.functions);
	const exported = files.flatMap((file) => file.exports);
	const lines = sum(fileLines);
	return {
		files: files.length,
		kLOC: round(lines / 1000, 1),
		fileLines: { median: quantile(fileLines, 0.5), max: Math.max(...fileLines) },
		functionLines: {
			count: functionLines.length,
			median: quantile(functionLines, 0.5),
			p90: quantile(functionLines, 0.9),
			max: Math.max(...functionLines),
			longPercent: percent(functionLines.filter((count) => count > LONG_FUNCTION_LINES).length, functionLines.length),
		},
		maxNesting: Math.max(...files.map((file) => file.nesting)),
		commentPercent: percent(sum(files.map((file) => file.commentLines)), sum(files.map((file) => file.filledLines))),
		exportsPerFile: round(exported.length / files.length, 1),
		importsPerFile: round(sum(files.map((file) => file.imports)) / files.length, 2),
		documentedExportsPercent: percent(exported.filter(Boolean).length, exported.length),
		castsPerKLOC: round(sum(files.map((file) => file.casts)) / (lines / 1000), 1),
		smallFilesPercent: percent(fileLines.filter((count) => count <= SMALL_FILE_LINES).length, files.length),
		repeats: { pairs: repeats.length, lines: sum(repeats.map((repeat) => repeat.lines)) },
		repeatedShapes: { pairs: similar.length, lines: sum(similar.map((repeat) => repeat.lines)) },
	};
}

function table(measures) {
	const { fileLines, functionLines, repeats, repeatedShapes } = measures;
	const rows = [
		["files / kLOC", `${measures.files} / ${measures.kLOC}`],
		["file lines, median / max", `${fileLines.median} / ${fileLines.max}`],
		["function lines, median / p90 / max", `${functionLines.median} / ${functionLines.p90} / ${functionLines.max}`],
		[`functions over ${LONG_FUNCTION_LINES} lines`, `${functionLines.longPercent} %`],
		["max nesting", measures.maxNesting],
		["comment lines, of those not blank", `${measures.commentPercent} %`],
		["exports / imports per file", `${measures.exportsPerFile} / ${measures.importsPerFile}`],
		["documented exports", `${measures.documentedExportsPercent} %`],
		["casts per kLOC", measures.castsPerKLOC],
		[`files of ${SMALL_FILE_LINES} lines or fewer`, `${measures.smallFilesPercent} %`],
		[`repeats of ${MIN_REPEATED_LINES} lines or more`, `${repeats.pairs} pairs, ${repeats.lines} lines`],
		["repeats with other names", `${repeatedShapes.pairs} pairs, ${repeatedShapes.lines} lines`],
	];
	const width = Math.max(...rows.map(([name]) => name.length));
	return [`| ${folder.padEnd(width)} | |`, `| ${"-".repeat(width)} | --- |`]
		.concat(rows.map(([name, value]) => `| ${name.padEnd(width)} | ${value} |`))
		.join("\n");
}

function describeRepeat({ lines, places }) {
	return `${lines} lines: ${places.map(({ path, line }) => `${path}:${line}`).join(" = ")}`;
}

function sum(numbers) {
	return numbers.reduce((total, number) => total + number, 0);
}

function quantile(numbers, share) {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted[Math.floor((sorted.length - 1) * share)];
}

function percent(part, whole) {
	return round((100 * part) / whole, 1);
}

function round(number, digits) {
	return Number(number.toFixed(digits));
}
