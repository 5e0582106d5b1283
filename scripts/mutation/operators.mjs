// What a mutant changes: for a node of the syntax tree, the texts that could stand in its place.

/** @typedef {{ operator: string, start: number, end: number, text: string }} Mutation */

const SWAPPED_OPERATORS = {
	"<": "<=",
	"<=": "<",
	">": ">=",
	">=": ">",
	"===": "!==",
	"!==": "===",
	"+": "-",
	"-": "+",
	"*": "/",
	"/": "*",
	"%": "*",
	"&&": "||",
	"||": "&&",
};

const SWAPPED_METHODS = {
	push: "unshift",
	unshift: "push",
	shift: "pop",
	pop: "shift",
	min: "max",
	max: "min",
	some: "every",
	every: "some",
	find: "findLast",
	findLast: "find",
	startsWith: "endsWith",
	endsWith: "startsWith",
	floor: "ceil",
	ceil: "floor",
};

/** Methods whose receiver can take the place of their result. */
const DROPPED_METHODS = new Set(["filter", "slice", "sort", "toSorted", "reverse", "toReversed", "trim", "flat"]);

/**
 * The mutations of one node. `raw` gives the source text of a node.
 *
 * @returns {Mutation[]}
 */
export function mutationsOf(node, ancestors, raw) {
	const mutate = OPERATORS[node.type];
	if (!mutate) return [];
	return mutate(node, raw, ancestors).map(([operator, text]) => ({ operator, start: node.start, end: node.end, text }));
}

const OPERATORS = {
	ConditionalExpression: (node, raw) => [
		["condition", `${negated(node.test, raw)} ? ${raw(node.consequent)} : ${raw(node.alternate)}`],
	],
	BinaryExpression: swapOperator,
	LogicalExpression: (node, raw) => (node.operator === "??" ? [["logical", raw(node.left)]] : swapOperator(node, raw)),
	UnaryExpression: (node, raw) => (node.operator === "!" ? [["condition", raw(node.argument)]] : []),
	Literal: literal,
	TemplateLiteral: (node, _raw, ancestors) => {
		const hasText = node.quasis.some((quasi) => quasi.value.raw.trim());
		return hasText && !isWording(ancestors) ? [["string", '""']] : [];
	},
	ArrayExpression: (node, raw) => {
		if (node.elements.length === 0) return [];
		const reversed = `[${[...node.elements]
			.reverse()
			.map((element) => raw(element))
			.join(", ")}]`;
		// Lists of texts are mostly sets, whose order does not count.
		const isText = ({ type, value }) => type === "TemplateLiteral" || typeof value === "string";
		const isSet = node.elements.every((element) => element.type === "SpreadElement" || isText(element));
		return [["array", "[]"], ...(node.elements.length > 1 && !isSet ? [["order", reversed]] : [])];
	},
	CallExpression: (node, raw) => {
		const { callee } = node;
		const method = callee.type === "MemberExpression" && !callee.computed ? callee.property.name : undefined;
		const swapped = Object.hasOwn(SWAPPED_METHODS, method ?? "") ? SWAPPED_METHODS[method] : undefined;
		if (swapped) {
			const { start, end } = callee.property;
			return [["method", raw({ start: node.start, end: start }) + swapped + raw({ start: end, end: node.end })]];
		}
		return DROPPED_METHODS.has(method) ? [["method", raw(callee.object)]] : [];
	},
	ChainExpression: (node, raw) => [["optional", withoutOptional(node, raw)]],
	ExpressionStatement: (node) => (!node.directive ? [["statement", ";"]] : []),
	ReturnStatement: (node) => (isEmptied(node.argument) ? [["return", "return undefined;"]] : []),
};

/** The tests of statements, which are mutated where they are. */
export function testMutations(node, raw) {
	if (!["IfStatement", "WhileStatement"].includes(node.type)) return [];
	const { start, end } = node.test;
	return [{ operator: "condition", start, end, text: negated(node.test, raw) }];
}

/** `a?.b.c` as `a.b.c`: the last `?.` of the chain as a plain access. */
function withoutOptional(node, raw) {
	let link = node.expression;
	while (!link.optional) link = link.object ?? link.callee ?? link.expression;
	const { end } = link.object ?? link.callee;
	const dot = link.type === "MemberExpression" && !link.computed ? "." : "";
	const rest = raw({ start: end, end: node.end }).replace("?.", dot);
	return raw({ start: node.start, end }) + rest;
}

function swapOperator(node, raw) {
	const swapped = SWAPPED_OPERATORS[node.operator];
	const isText = [node.left, node.right].some(
		(side) => typeof side.value === "string" || side.type === "TemplateLiteral",
	);
	if (!swapped || (node.operator === "+" && isText)) return [];
	const operator = /^[<>]/.test(node.operator) ? "boundary" : /[&|=]/.test(node.operator) ? "condition" : "arithmetic";
	return [[operator, `${raw(node.left)} ${swapped} ${raw(node.right)}`]];
}

function literal(node, raw, ancestors) {
	const { value } = node;
	if (typeof value === "boolean") return [["boolean", String(!value)]];
	if (typeof value === "number")
		return value === 0
			? [["number", "1"]]
			: [
					["number", "0"],
					["number", `(${raw(node)} * 2)`],
				];
	return typeof value === "string" && value !== "" && !isWording(ancestors) ? [["string", '""']] : [];
}

/** The wording of an error is no behavior. */
function isWording(ancestors) {
	return ancestors.some(({ type, callee }) => type === "NewExpression" && /Error$/.test(callee.name ?? ""));
}

/** Values that have no mutant of their own, so that the whole return is one. */
function isEmptied(argument) {
	return argument !== null && !["Literal", "ArrayExpression"].includes(argument.type) && argument.name !== "undefined";
}

function negated(test, raw) {
	return `!(${raw(test)})`;
}
