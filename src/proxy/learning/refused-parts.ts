import { asObject, isObject, type JsonObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Refusal } from "../../upstream/failures/refusal.ts";
import type { RefusalFact } from "./facts.ts";
import type { SentRequest } from "./output-limits.ts";
import { closestValue, fold, holdsPart } from "./sent-fields.ts";

/** A refused kind of content, or a property of the history, and the form in which the endpoint may accept it. */
export function factOfPart(refusal: Refusal, target: Target, { body }: SentRequest): RefusalFact | undefined {
	const { part, paths, value, maximum } = refusal;
	const { quirks } = target;
	const names = paths.flat().join(" ");
	// `image_url.detail` is a field that can be left out.
	const isImage = part === "image" || /\b(?:image_url|input_image|image|inline_?data)\b(?!.*\bdetail$)/i.test(names);
	if (isImage && target.vision && holdsPart(body, /^(?:image|image_url|input_image|inlineData|fileData)$/))
		return { vision: false, done: "with a note in place of each image" };
	const isDocument = part === "document" || /\b(?:input_file|file_data|document)\b/i.test(names);
	if (isDocument && quirks.documents === "file" && holdsPart(body, /^(?:document|file|input_file|inlineData)$/))
		return { quirks: { documents: "text" }, done: "with the text of each document" };
	// "messages.2.role: Input should be 'user' or 'assistant'" does not name the role that it refuses.
	const isSystemRole = paths.some((path) => path.at(-1) === "role" && closestValue(body, path) === "system");
	if (target.dialect === "anthropic" && quirks.reasoningField !== "none" && namesThinkingBlock(paths, value, body))
		return { quirks: { reasoningField: "none" }, done: "without the thinking of earlier turns" };
	const history = factOfHistory(isSystemRole ? "role:system" : part, target, body);
	if (history) return history;
	if (part === "role order" && !quirks.mergeUserTurns) {
		const merged = { mergeUserTurns: true, assistantAfterTool: true };
		return { quirks: merged, done: "with user and assistant turns in alternation" };
	}
	if (part === "tool count" && isLower(maximum, quirks.maxTools))
		return { quirks: { maxTools: maximum }, done: `with at most ${maximum} tools` };
	if (part === "tool description" && isLower(maximum, quirks.maxToolDescription))
		return { quirks: { maxToolDescription: maximum }, done: `with descriptions of at most ${maximum} characters` };
	if (part === "tool name" && isLower(maximum, quirks.maxToolName))
		return { quirks: { maxToolName: maximum }, done: `with tool names of at most ${maximum} characters` };
	if (paths.some(([name]) => name === "betas") && quirks.betas.length > 0)
		return { quirks: { betas: [] }, done: "without betas", fields: ["betas"] };
	if (part === "tool parser" && quirks.toolChoice !== "none-only") {
		const noParser = { toolChoice: "none-only", toolChoiceWhileThinking: "none-only" } as const;
		return { quirks: noParser, done: "with tool_choice none; tool calls are read from the text" };
	}
	if (part === "tool result name" && !quirks.toolResultNames)
		return { quirks: { toolResultNames: true }, done: "with the tool's name in each result" };
	return part === "tool id" ? factOfToolId(refusal, quirks, body) : undefined;
}

/** Whether a limit that the endpoint states is lower than the one that was kept. */
function isLower(stated: number | undefined, kept = Number.POSITIVE_INFINITY): stated is number {
	return stated !== undefined && stated > 0 && stated < kept;
}

/** The next stricter form of tool-call ids. Mistral's template states its length: "a-z, A-Z, 0-9, with a length of 9". */
function factOfToolId(
	{ length, maximum = 40 }: Refusal,
	{ toolCallIds }: Quirks,
	body: SentRequest["body"],
): RefusalFact | undefined {
	if (length === 9 && toolCallIds !== "alphanumeric-9")
		return { quirks: { toolCallIds: "alphanumeric-9" }, done: "with ids of nine letters and digits" };
	const limit = maximum <= 40 ? 40 : 64;
	// "tool result's tool id(call_1) not found (2013)": another form of the same ids would not be found either.
	const fits = callIds(body).every((id) => id.length <= limit && /^[\w-]+$/.test(id));
	if (toolCallIds !== "any" || fits) return undefined;
	return { quirks: { toolCallIds: `max-${limit}` }, done: "with shorter ids of tool calls" };
}

/** The ids of the calls to which the conversation has results. */
function callIds(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap(callIds);
	if (!isObject(value)) return [];
	const { tool_call_id, tool_use_id, call_id } = value;
	const ids = [tool_call_id, tool_use_id, call_id].filter((id) => typeof id === "string");
	return [...ids, ...Object.values(value).flatMap(callIds)];
}

/** `messages.1.content.0: Input tag 'thinking' …`, and any path to such a block or into it. */
function namesThinkingBlock(paths: Refusal["paths"], value: string | undefined, body: SentRequest["body"]): boolean {
	const isBlock = (path: readonly string[]) => asObject(closestValue(body, path))["type"] === "thinking";
	const inside = paths
		.filter(([first]) => first === "messages")
		.some((path) => isBlock(path) || isBlock(path.slice(0, -1)));
	return inside || (value === "thinking" && holdsPart(body["messages"], /^thinking$/));
}

/** Roles and forms of content. */
function factOfHistory(
	part: Refusal["part"],
	{ dialect, quirks }: Target,
	body: SentRequest["body"],
): RefusalFact | undefined {
	switch (part) {
		case "role:system":
			return factOfSystem(quirks, body);
		case "array content":
			if (!quirks.contentLists) return undefined;
			return {
				quirks: { contentLists: false },
				// Chat messages are lists only if they hold images or files.
				...(dialect === "openai-chat" && { quirks: { contentLists: false, documents: "text" }, vision: false }),
				done: "with text in place of lists of blocks",
			};
		case "empty content":
			return quirks.emptyContent ? { quirks: { emptyContent: false }, done: "with text in empty messages" } : undefined;
		case "prefill":
			return quirks.prefill ? { quirks: { prefill: false }, done: "with a user turn at the end" } : undefined;
		default:
			return undefined;
	}
}

/** First the later ones, if there are some: "System message must be at the beginning" is about those alone. */
function factOfSystem(
	{ laterSystem, systemPrompt }: Quirks,
	{ messages, input }: SentRequest["body"],
): RefusalFact | undefined {
	const turns = [messages ?? input].flat().map(asObject);
	const hasLater = turns.some(({ role }, index) => role === "system" && index > 0);
	if (hasLater && laterSystem === "system")
		return { quirks: { laterSystem: "reminder" }, done: "with later system messages in user turns" };
	if (systemPrompt === "user-turn") return undefined;
	return { quirks: { systemPrompt: "user-turn" }, done: "with the system prompt in the first user turn" };
}

/** One refused tool, by its name or by its index. */
export function factOfTool({ tool, paths }: Refusal, { body, toolNames }: SentRequest): RefusalFact | undefined {
	const offered = toolDefinitions(body);
	const refused =
		tool === undefined
			? paths.map((path) => toolAt(path, offered)).find((found) => found !== undefined)
			: offered.find(({ name }) => name === tool);
	if (typeof refused?.["name"] !== "string") return undefined;
	const name = toolNames.get(refused["name"]) ?? refused["name"];
	return { tools: [name], done: `without the tool ${name}` };
}

/**
 * The tool that has the refused field: `tools.3.function.parameters`, or Google's `tools.0.function_declarations.3.parameters`.
 * A field that was not sent says nothing about the tool.
 */
function toolAt(path: readonly string[], offered: readonly JsonObject[]): JsonObject | undefined {
	const [list, index, ...rest] = path;
	if (list !== "tools") return undefined;
	const isDeclaration = fold(rest[0] ?? "") === "functiondeclarations";
	const tool = offered[Number((isDeclaration ? rest[1] : index) ?? -1)];
	const field = rest.slice(isDeclaration ? 2 : 0).find((name) => name !== "function");
	const hasField = tool && field !== undefined && Object.keys(tool).some((name) => fold(name) === fold(field));
	return hasField ? tool : undefined;
}

/** The one offered tool that an error about definitions quotes: "`T` functionDeclaration `parameters.a` schema …". */
export function factOfQuotedTool(message: string, { body, toolNames }: SentRequest): RefusalFact | undefined {
	if (!/schema|declaration|definition|parameters/i.test(message)) return undefined;
	const quoted = new Set([...message.matchAll(/[`'"]([\w-]{1,128})[`'"]/g)].map(([, name]) => name));
	const names = toolDefinitions(body).flatMap(({ name }) =>
		typeof name === "string" && quoted.has(name) ? [name] : [],
	);
	const [sent, ...others] = names;
	if (sent === undefined || others.length > 0) return undefined;
	const name = toolNames.get(sent) ?? sent;
	return { tools: [name], done: `without the tool ${name}` };
}

/** The definitions of the offered tools, without what each dialect wraps them in, in the order of the body. */
export function toolDefinitions({ tools }: SentRequest["body"]): JsonObject[] {
	const definitions = Array.isArray(tools) ? tools.map(asObject) : [];
	return definitions.flatMap((tool) => {
		const declarations = tool["functionDeclarations"];
		if (Array.isArray(declarations)) return declarations.map(asObject);
		return [isObject(tool["function"]) ? tool["function"] : tool];
	});
}
