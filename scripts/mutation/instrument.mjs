// Finds the mutations of a file, and writes several into it at once, each behind a switch.

import { parseFile, walk } from "../syntax-tree.mjs";
import { mutationsOf, testMutations } from "./operators.mjs";

/** Every mutation of a file, in the order of the text. */
export function findMutations(path) {
	const { text, program } = parseFile(path);
	const raw = ({ start, end }) => text.slice(start, end);
	const found = [];
	walk(program, (node, ancestors) => {
		if (isType(node) || node.type.startsWith("Import")) return false;
		if (/^Export(Named|All)/.test(node.type) && node.source) return false;
		found.push(...testMutations(node, raw));
		if (isReplaceable(node, ancestors)) found.push(...mutationsOf(node, ancestors, raw));
	});
	return { text, mutations: found.filter(({ start, end, text: changed }) => changed !== text.slice(start, end)) };
}

/** Type syntax has no behavior; of its nodes only those that wrap an expression are walked. */
function isType(node) {
	const wraps = [
		"TSAsExpression",
		"TSSatisfiesExpression",
		"TSNonNullExpression",
		"TSTypeAssertion",
		"TSInstantiationExpression",
	];
	return node.type.startsWith("TS") && !wraps.includes(node.type);
}

/** Whether an expression in brackets, or another statement, can stand in the place of the node. */
function isReplaceable(node, ancestors) {
	const parent = ancestors.at(-1);
	if (!parent) return false;
	const isKey = parent.key === node && !parent.computed;
	const isTarget =
		(parent.type === "AssignmentExpression" && parent.left === node) || parent.type === "UpdateExpression";
	const isInChain =
		node.type === "CallExpression" &&
		["MemberExpression", "ChainExpression"].includes(parent.type) &&
		ancestors.some(({ type }) => type === "ChainExpression");
	const isTag = parent.type === "TaggedTemplateExpression" || parent.type === "TemplateElement";
	return !(
		isKey ||
		isTarget ||
		isInChain ||
		isTag ||
		(parent.type === "UnaryExpression" && parent.operator === "delete")
	);
}

/** The text with the mutations in it. Those of inner nodes are kept in the unchanged branch of outer ones. */
export function instrument(text, mutations, switchPath) {
	const sorted = [...mutations].sort((a, b) => a.start - b.start || b.end - a.end);
	let next = 0;
	function render(start, end) {
		let output = "";
		let at = start;
		while (next < sorted.length && sorted[next].start >= at && sorted[next].end <= end) {
			const first = sorted[next];
			const same = [];
			while (next < sorted.length && sorted[next].start === first.start && sorted[next].end === first.end)
				same.push(sorted[next++]);
			output += text.slice(at, first.start);
			output += same.reduce(wrap, render(first.start, first.end));
			at = first.end;
		}
		return output + text.slice(at, end);
	}
	return `import { mutant as __mutant } from ${JSON.stringify(switchPath)};${render(0, text.length)}`;
}

function wrap(original, { id, operator, text }) {
	if (operator === "statement") return `{ if (!__mutant(${id})) { ${original} } }`;
	if (operator === "return") return `{ if (__mutant(${id})) { ${text} } else { ${original} } }`;
	return `(__mutant(${id}) ? ${text} : ${original})`;
}
