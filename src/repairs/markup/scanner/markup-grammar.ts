import type { JsonSchema, MessageRequest, Tool } from "../../../protocol/messages.ts";
import { propertiesOf } from "../../json-schema.ts";
import type { MarkupInput, Reading } from "./markup-input.ts";

/** A tool call read from text. */
export interface MarkupCall {
	/** Name of an offered tool. */
	name: string;
	/** The input as JSON text, valid or not: the tool-input repair deals with invalid JSON. */
	json: string;
}

/** The tools of a request, by name. */
export type ToolTable = ReadonlyMap<string, Tool>;

/** The tools of a request that a model can call: those with a schema. */
export function callableTools(request: MessageRequest): ToolTable {
	const offered = (request.tools ?? []).filter((tool) => tool.input_schema !== undefined);
	return new Map(offered.map((tool) => [tool.name, tool]));
}

/** How one model family writes a tool call as text, with everything that is particular to its chat template. */
export interface MarkupGrammar {
	readonly name: string;
	/** Literal texts with which a call begins. The scanner holds back text that could become one. */
	readonly openers: readonly string[];
	/** The call is the whole message: its openers count only at the beginning of the message. */
	readonly wholeMessage?: boolean;
	/** Closing tags that may follow a call that was complete without them. They are removed with the call. */
	readonly closers?: readonly string[];
	/** Tokens of the chat template that mean nothing in a text. The `control-tokens` repair removes them. */
	readonly controlTokens?: readonly string[];
	/** Tokens of a call that may be left without one. They are removed too if the request offers tools. */
	readonly callTokens?: readonly string[];
	/**
	 * Reads the calls that begin at an opener, all of offered tools. Returns undefined as soon as it is certain that there
	 * is no call. Whatever it does not read is text again.
	 */
	read(input: MarkupInput, tools: ToolTable): Reading<MarkupCall[] | undefined>;
}

/**
 * The tool with this name: exactly, without a namespace (`functions.`, `default_api.`, `X/`), `:index` or tokens of the
 * template, or in another case if only one tool matches.
 */
export function findTool(name: string, tools: ToolTable): Tool | undefined {
	const bare = name
		// gpt-oss, from servers that split its tokens wrongly: `Bash<|channel|>commentary`
		.replace(/<\|.*$/s, "")
		.trim()
		.replace(/^.*\//, "")
		.replace(/^(functions?|tools?|default_api)\./, "")
		.replace(/:\d+$/, "");
	for (const spelling of [name, bare]) {
		const exact = tools.get(spelling);
		if (exact) return exact;
	}
	const lower = bare.toLowerCase();
	const matches = bare === "" ? [] : [...tools.values()].filter((tool) => tool.name.toLowerCase() === lower);
	return matches.length === 1 ? matches[0] : undefined;
}

/** The schema of one parameter; undefined when the tool does not name it. */
export function parameterSchema(tool: Tool | undefined, key: string): JsonSchema | undefined {
	const properties = propertiesOf(tool?.input_schema);
	return Object.hasOwn(properties, key) ? properties[key] : undefined;
}
