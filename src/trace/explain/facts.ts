import { contentBlocks, type MessageRequest } from "../../protocol/messages.ts";
import { type Body, plainBody } from "./plain-body.ts";

/** One piece of a conversation, in a form that all wires share. */
export interface Item {
	/** `system`, `user: text`, `assistant: tool_use Bash`. */
	name: string;
	/** Text, or JSON; white space runs count as one space, because wires join texts differently. */
	value: string;
	/** Index in `messages` of the body; undefined for the system prompt. */
	message: number | undefined;
}

/** A request body taken apart, so that bodies of different wires can be compared. */
export interface Facts {
	/** Top-level fields as JSON. */
	fields: Map<string, string>;
	/** Offered tools by name: description and schema. */
	tools: Map<string, string>;
	items: Item[];
}

const CONVERSATION = new Set(["messages", "system", "tools"]);

/** Takes a body of any wire apart. */
export function factsOf(sent: Body): Facts {
	const body = plainBody(sent);
	const fields = Object.entries(body).filter(([name, value]) => !CONVERSATION.has(name) && value !== undefined);
	const messages = Array.isArray(body["messages"]) ? (body["messages"] as Body[]) : [];
	return {
		fields: new Map(fields.map(([name, value]) => [name, JSON.stringify(value)])),
		tools: new Map((Array.isArray(body["tools"]) ? (body["tools"] as Body[]) : []).map(toolFact)),
		items: joined([...systemItems(body), ...messages.flatMap(messageItems)]),
	};
}

function toolFact(tool: Body): [name: string, value: string] {
	const inner = (tool["function"] as Body | undefined) ?? tool;
	const { name, type, description, input_schema, parameters } = inner;
	return [String(name ?? type), JSON.stringify({ description, schema: input_schema ?? parameters })];
}

function systemItems({ system }: Body): Item[] {
	return contentBlocks(system as MessageRequest["system"]).map((block) => ({
		name: "system",
		value: String((block as { text?: unknown }).text ?? ""),
		message: undefined,
	}));
}

function messageItems(message: Body, index: number): Item[] {
	const role = String(message["role"]);
	const item = (kind: string, value: unknown): Item => ({
		name:
			role === "system" && kind === "text" ? "system" : `${kind.startsWith("tool_result") ? "user" : role}: ${kind}`,
		value: typeof value === "string" ? value : JSON.stringify(value ?? ""),
		message: index,
	});
	if (role === "tool") return [{ ...item("tool_result", textOf(message["content"])), name: "user: tool_result" }];
	const reasoning = message["reasoning_content"] ?? message["reasoning"];
	const calls = (message["tool_calls"] as Body[] | undefined) ?? [];
	return [
		...(reasoning ? [item("thinking", reasoning)] : []),
		...blocksOf(message["content"]).map((block) => blockItem(block, item)),
		...calls.map((call) => {
			const { name, arguments: input } = (call["function"] as Body | undefined) ?? {};
			return item(`tool_use ${name}`, canonical(String(input ?? "")));
		}),
	];
}

function blockItem(block: Body, item: (kind: string, value: unknown) => Item): Item {
	switch (block["type"]) {
		case "text":
			return item("text", block["text"]);
		case "thinking":
			return item("thinking", block["thinking"]);
		case "tool_use":
			return item(`tool_use ${block["name"]}`, canonical(JSON.stringify(block["input"])));
		case "tool_result":
			return item("tool_result", textOf(block["content"]));
		case "image_url":
			return item("image", "");
		case "image":
			return item("image", "");
		default:
			return item(String(block["type"]), withoutBreakpoint(block));
	}
}

function blocksOf(content: unknown): Body[] {
	if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
	return Array.isArray(content) ? (content as Body[]) : [];
}

function textOf(content: unknown): string {
	return blocksOf(content)
		.map((block) => (block["type"] === "text" ? String(block["text"]) : `[${block["type"]}]`))
		.join(" ");
}

/** JSON without regard to white space; text that is no JSON stays. */
function canonical(json: string): string {
	try {
		return JSON.stringify(JSON.parse(json));
	} catch {
		return json; // arguments that the model damaged
	}
}

function withoutBreakpoint({ cache_control: _breakpoint, ...block }: Body): Body {
	return block;
}

/** Texts of one kind that follow each other in a message are one text, whatever the wire joins them with. */
function joined(items: readonly Item[]): Item[] {
	const result: Item[] = [];
	for (const item of items) {
		const last = result.at(-1);
		const isSame = last?.name === item.name && (item.name === "system" || last.message === item.message);
		const value = item.value.replace(/\s+/g, " ").trim();
		if (last && isSame && /(^system|: text)$/.test(item.name)) last.value = `${last.value} ${value}`.trim();
		else result.push({ ...item, value });
	}
	return result;
}
