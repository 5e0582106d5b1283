import type { JsonSchema, Tool } from "../../anthropic/messages.ts";

/** A tool call read from text. */
export interface MarkupCall {
	/** Name as the model wrote it; matched against the offered tools by the scanner. */
	name: string;
	/** The input as JSON text, valid or not: what cannot be read is left to the tool-input repair. */
	json: string;
}

export interface MarkupMatch {
	calls: MarkupCall[];
	/** Characters that belong to the markup, from the opener on. */
	length: number;
}

/** The tools of a request, by name. */
export type ToolTable = ReadonlyMap<string, Tool>;

/** One family's way to write a tool call as text. One file each. Sources: quirks.md section 1. */
export interface MarkupGrammar {
	readonly name: string;
	/** Literal texts with which a call begins. The scanner holds back what could become one. */
	readonly openers: readonly string[];
	/** Literal texts with which a call may end; `read` is tried each time one has come, and at the end of the text. */
	readonly closers: readonly string[];
	/** The opener itself opens a code fence (Gemini's tool_code): it counts in spite of the fence. */
	readonly fenced?: boolean;
	/**
	 * Reads the calls at the start of `text`, which begins with an opener. `atEnd`: nothing follows, so a missing
	 * closer is forgiven where the family forgives it. Undefined: no call, or not complete yet.
	 */
	read(text: string, atEnd: boolean, tools: ToolTable): MarkupMatch | undefined;
}

/** The tool that a model means: exact, then by case, then without a namespace (`functions.`, `X/`) or `:index`. */
export function findTool(name: string, tools: ToolTable): Tool | undefined {
	const exact = tools.get(name);
	if (exact) return exact;
	const bare = name
		.trim()
		.replace(/^.*[/]/, "")
		.replace(/^functions\./, "")
		.replace(/:\d+$/, "");
	const stripped = tools.get(bare);
	if (stripped) return stripped;
	const lower = bare.toLowerCase();
	const matches = [...tools.values()].filter((tool) => tool.name.toLowerCase() === lower);
	return matches.length === 1 ? matches[0] : undefined;
}

/** The schema of one parameter; undefined when the tool does not name it. */
export function parameterSchema(tool: Tool | undefined, key: string): JsonSchema | undefined {
	const properties = tool?.input_schema?.["properties"] as Record<string, JsonSchema> | undefined;
	return properties?.[key];
}
