import type { JsonSchema, Tool } from "../../../protocol/messages.ts";
import { itemsOf, propertiesOf, schemaTypes } from "../../json-schema.ts";
import {
	findTool,
	type MarkupCall,
	type MarkupGrammar,
	parameterSchema,
	type ToolTable,
} from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";
import { typedValue } from "../scanner/parameter-value.ts";

/** Precedes every tag. */
const MARK = "]<]minimax[>[";

interface Element {
	key: string;
	text: string;
	children: Element[];
}

/** MiniMax M3: nested elements, every tag after a mark; the entries of a list are `item`. Source: sglang, minimax_m3.py. */
export const minimaxM3: MarkupGrammar = {
	name: "minimax-m3",
	openers: [MARK],
	*read(input, tools) {
		if ((yield* markedTag(input)) !== "<tool_call>") return undefined;
		const calls: MarkupCall[] = [];
		for (;;) {
			yield* input.space();
			const tag = yield* markedTag(input);
			if (tag === "</tool_call>" || tag === "") return calls;
			const call = yield* readInvoke(input, tag, tools);
			if (!call) return undefined;
			calls.push(call);
		}
	},
};

function* readInvoke(input: MarkupInput, head: string, tools: ToolTable): Reading<MarkupCall | undefined> {
	const name = /^<invoke\s+name="([^"]+)"\s*>$/.exec(head)?.[1];
	const tool = name === undefined ? undefined : findTool(name, tools);
	if (!tool) return undefined;
	const elements: Element[] = [];
	for (;;) {
		yield* input.space();
		const tag = yield* markedTag(input);
		if (tag === "</invoke>") return { name: tool.name, json: JSON.stringify(objectOf(elements, tool)) };
		const element = yield* readElement(input, tag);
		if (!element) return undefined;
		elements.push(element);
	}
}

function* readElement(input: MarkupInput, head: string): Reading<Element | undefined> {
	const key = /^<([^<>/\s]+)>$/.exec(head)?.[1];
	if (key === undefined) return undefined;
	const element: Element = { key, text: "", children: [] };
	for (;;) {
		const { text, found } = yield* input.until([MARK]);
		if (found === "") return undefined;
		element.text += text;
		yield* input.space();
		const tag = yield* input.tag();
		if (tag === `</${key}>`) return element;
		const child = yield* readElement(input, tag);
		if (!child) return undefined;
		element.children.push(child);
	}
}

function* markedTag(input: MarkupInput): Reading<string> {
	if (!(yield* input.literal(MARK))) return "";
	yield* input.space();
	return yield* input.tag();
}

function objectOf(elements: readonly Element[], tool: Tool): object {
	return Object.fromEntries(
		elements.map((element) => [element.key, typedElement(element, parameterSchema(tool, element.key))]),
	);
}

function typedElement(element: Element, schema: JsonSchema | undefined): unknown {
	const { children, text } = element;
	if (children.length === 0)
		return schemaTypes(schema).has("array") && text.trim() === "" ? [] : typedValue(text, schema);
	if (children.every(({ key }) => key === "item")) {
		return children.map((child) => typedElement(child, itemsOf(schema)));
	}
	const properties = propertiesOf(schema);
	return Object.fromEntries(children.map((child) => [child.key, typedElement(child, properties[child.key])]));
}
