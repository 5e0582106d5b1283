import { isObject, type JsonObject } from "../platform/json.ts";

/** One piece of a message, under the name that all wires share. */
export interface ContentItem {
	/** `text`, `thinking`, `image`, `tool_use Bash`, `tool_result`, or a type that only this wire has. */
	name: string;
	/** Text, or JSON. */
	value: string;
}

/** One part of a request body. The bodies of all wires are taken apart into these, to be compared and shown. */
export type BodyPart =
	| { type: "field"; name: string; value: unknown }
	| { type: "system"; texts: string[] }
	| { type: "tool"; name: string; description: unknown; schema: unknown; value: unknown }
	/** `text` is the whole message as a person reads it. */
	| { type: "message"; role: string; items: ContentItem[]; text: string };

/** How the request bodies of one wire are read, compared and explained in a trace. */
export interface WireDescription {
	/** Fields that a provider renders into the prompt before the conversation, in that order. */
	readonly promptFields: readonly string[];
	/** The field that lists the messages of the conversation. */
	readonly conversationField: string;
	/** Readers of the fields that are more than a setting. */
	readonly readers: Readonly<Record<string, (value: unknown) => BodyPart[]>>;
	/** What sets or removes a field without recording a divergence: a quirk, or a limit of the profile. */
	readonly fieldSources: Readonly<Record<string, string>>;
}

/** Takes a body apart, in the order of its fields. */
export function bodyParts(body: JsonObject, { readers }: WireDescription): BodyPart[] {
	return Object.entries(body).flatMap(([name, value]) => {
		if (value === undefined) return [];
		return readers[name]?.(value) ?? [{ type: "field", name, value }];
	});
}

/** The objects of a list; a body that is no valid request has none. */
export function objectsOf(value: unknown): JsonObject[] {
	return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Content that is a text, or a list of blocks. */
export function blocksIn(content: unknown): JsonObject[] {
	if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
	return objectsOf(content);
}

/** The content of a tool result as one text; what is not text is named by its type. */
export function resultText(content: unknown): string {
	return blocksIn(content)
		.map((block) => (block["type"] === "text" ? String(block["text"]) : `[${block["type"]}]`))
		.join(" ");
}

/** A block of a type that has no common name. Cache breakpoints are no part of the prompt. */
export function otherItem({ cache_control: _breakpoint, ...block }: JsonObject): ContentItem {
	return { name: String(block["type"]), value: JSON.stringify(block) };
}

/** A tool that is declared by a name and a schema. */
export function toolPart(tool: JsonObject, declaration: JsonObject = tool): BodyPart {
	const { name, type, description, input_schema, parameters } = declaration;
	return { type: "tool", name: String(name ?? type), description, schema: input_schema ?? parameters, value: tool };
}

/** The texts of a message as they are, everything else as JSON. */
export function messageText({ role: _role, content, ...rest }: JsonObject): string {
	const texts = blocksIn(content).map((block) => (typeof block["text"] === "string" ? block["text"] : indented(block)));
	const others = Object.keys(rest).length > 0 ? [indented(rest)] : [];
	return [...texts, ...others].join("\n\n");
}

/** JSON for a person to read. */
export function indented(value: unknown): string {
	return JSON.stringify(value, null, 2);
}

/** JSON without regard to white space. Arguments that the model damaged stay as they are. */
export function canonicalJson(text: string): string {
	try {
		return JSON.stringify(JSON.parse(text));
	} catch {
		return text;
	}
}

/** A tool call. `input` is an object, or its JSON text. */
export function toolCallItem(name: unknown, input: unknown): ContentItem {
	const value = typeof input === "string" ? canonicalJson(input) : JSON.stringify(input ?? {});
	return { name: `tool_use ${String(name)}`, value };
}
