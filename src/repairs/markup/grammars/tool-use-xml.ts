import type { Tool } from "../../../protocol/messages.ts";
import { readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupCall, type MarkupGrammar, parameterSchema } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";
import { readRawValue, typedValue } from "../scanner/parameter-value.ts";

const OPENERS = ["<tool_use>", "<use_mcp_tool>"];
const CLOSERS = ["</tool_use>", "</use_mcp_tool>"];
const INPUTS = ["parameters", "arguments", "input"];

/**
 * Models that imitate Claude's older form, or were asked for it: `<tool_use>`, the name in `<tool_name>` or `<name>`, and the
 * input in `<parameters>`, `<arguments>` or `<input>`, as elements or as JSON. MiroThinker and Cline's `<use_mcp_tool>`
 * name a server first. Source: Cherry Studio's prompt for models without tools, Cline's system prompt.
 */
export const toolUseXml: MarkupGrammar = {
	name: "tool-use-xml",
	openers: OPENERS,
	closers: CLOSERS,
	*read(input, tools) {
		yield* input.oneOf(OPENERS);
		yield* input.space();
		let server = "";
		if (yield* input.literal("<server_name>")) {
			server = (yield* input.name()).trim();
			if (!(yield* input.literal("</server_name>"))) return undefined;
			yield* input.space();
		}
		if (!(yield* input.oneOf(["<tool_name>", "<name>"]))) return undefined;
		const name = yield* input.name();
		const tool = findTool(`mcp__${server}__${name}`, tools) ?? findTool(name, tools);
		if (!tool || !(yield* input.oneOf(["</tool_name>", "</name>"]))) return undefined;
		yield* input.space();
		const tag = yield* input.oneOf(INPUTS.map((input) => `<${input}>`));
		if (tag === undefined) return undefined;
		const call = yield* readInput(input, tool, tag.replace("<", "</"));
		yield* input.space();
		yield* input.oneOf(CLOSERS);
		return call && [call];
	},
};

function* readInput(input: MarkupInput, tool: Tool, end: string): Reading<MarkupCall | undefined> {
	yield* input.space();
	if ((yield* input.peek()) === "{") {
		const call = yield* readJsonInput(input, tool.name);
		yield* input.space();
		return (yield* input.literal(end)) ? call : undefined;
	}
	const entries: [string, unknown][] = [];
	for (;;) {
		yield* input.space();
		const tag = yield* input.tag();
		if (tag === end) return { name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) };
		const key = /^<([\w.-]+)>$/.exec(tag)?.[1];
		if (key === undefined) return undefined;
		const raw = yield* readRawValue(input, [{ text: `</${key}>`, before: ["<"] }]);
		if (raw === undefined) return undefined;
		entries.push([key, typedValue(raw, parameterSchema(tool, key))]);
	}
}
