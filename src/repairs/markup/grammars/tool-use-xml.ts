import { findTool, type MarkupGrammar, parameterSchema } from "../scanner/markup-grammar.ts";
import { readRawValue, typedValue } from "../scanner/parameter-value.ts";

const OPEN = "<tool_use>";
const END = "</parameters>";

/** Models that imitate Claude's older form: `<tool_use><tool_name>NAME</tool_name><parameters><KEY>…</KEY></parameters>`. */
export const toolUseXml: MarkupGrammar = {
	name: "tool-use-xml",
	openers: [OPEN],
	*read(input, tools) {
		yield* input.literal(OPEN);
		yield* input.space();
		if (!(yield* input.oneOf(["<tool_name>", "<name>"]))) return undefined;
		const tool = findTool(yield* input.name(), tools);
		if (!tool || !(yield* input.oneOf(["</tool_name>", "</name>"]))) return undefined;
		yield* input.space();
		if (!(yield* input.literal("<parameters>"))) return undefined;
		const entries: [string, unknown][] = [];
		for (;;) {
			yield* input.space();
			const tag = yield* input.tag();
			if (tag === END) break;
			const key = /^<([\w.-]+)>$/.exec(tag)?.[1];
			if (key === undefined) return undefined;
			const raw = yield* readRawValue(input, [{ text: `</${key}>`, before: ["<"] }]);
			entries.push([key, typedValue(raw, parameterSchema(tool, key))]);
		}
		yield* input.space();
		yield* input.literal("</tool_use>");
		return [{ name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) }];
	},
};
