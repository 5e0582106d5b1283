import type { Content } from "../../src/dialects/gemini/wire.ts";
import type { ChatMessage } from "../../src/dialects/openai-chat/wire.ts";
import type { InputItem } from "../../src/dialects/openai-responses/wire.ts";
import { DEFAULT_QUIRKS, type DialectName, type Quirks } from "../../src/profile/model/quirks.ts";
import type { ContentBlock, MessageParam } from "../../src/protocol/messages.ts";
import { contentBlocks } from "../../src/protocol/messages.ts";

type Body = Record<string, unknown>;

/** What every server of a dialect demands of a request; each broken rule is one line. */
export function violationsOf(dialect: DialectName, body: Body, quirks: Quirks = DEFAULT_QUIRKS): string[] {
	return RULES[dialect](body, quirks);
}

const RULES: Readonly<Record<DialectName, (body: Body, quirks: Quirks) => string[]>> = {
	"openai-chat": chatViolations,
	"openai-responses": responsesViolations,
	gemini: geminiViolations,
	anthropic: anthropicViolations,
};

/** Words of our own and of Anthropic's that no other provider may see. */
const FOREIGN = ["cache_control", "tool_reference", "cc-any:1:", "defer_loading"];

/** What every chat-completions server demands of a request; each broken rule is one line. */
export function chatViolations(body: Body): string[] {
	const found: string[] = [];
	const messages = body["messages"] as ChatMessage[];
	const names = ((body["tools"] ?? []) as { function: { name: string; parameters: Body } }[]).map(
		(tool) => tool.function,
	);
	for (const { name, parameters } of names) {
		if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) found.push(`tool name ${name}`);
		if (parameters["type"] !== "object" || typeof parameters["properties"] !== "object")
			found.push(`schema of ${name}`);
	}
	if (names.length === 0 && "tool_choice" in body) found.push("tool_choice without tools");
	if (!messages.some((message) => message.role === "user")) found.push("no user message");
	for (const [index, message] of messages.entries()) found.push(...messageViolations(message, messages, index));
	return [...found, ...leaks(body)];
}

function leaks(body: Body): string[] {
	const text = JSON.stringify(body);
	return FOREIGN.filter((word) => text.includes(`"${word}`)).map((word) => `${word} leaked`);
}

/** What Gemini demands of a request. */
export function geminiViolations(body: Body): string[] {
	const found: string[] = [];
	const contents = body["contents"] as Content[];
	const tools = (body["tools"] ?? []) as { functionDeclarations?: { name: string; parameters?: Body }[] }[];
	for (const { name, parameters } of tools.flatMap((tool) => tool.functionDeclarations ?? [])) {
		if (!/^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/.test(name)) found.push(`tool name ${name}`);
		if (parameters) found.push(...geminiSchemaViolations(parameters).map((line) => `${line} in ${name}`));
	}
	if (tools.length === 0 && "toolConfig" in body) found.push("toolConfig without tools");
	for (const field of ["model", "messages", "system", "max_tokens", "stream"]) if (field in body) found.push(field);
	if (contents[0]?.role !== "user") found.push("the first turn is no user turn");
	for (const [index, content] of contents.entries()) {
		if (content.parts.length === 0) found.push(`contents[${index}] is empty`);
		if (content.parts.some((part) => "text" in part && part.text === "")) found.push(`contents[${index}]: empty text`);
		const calls = content.parts.flatMap((part) => ("functionCall" in part ? [part.functionCall.name] : []));
		const answers = contents[index + 1]?.parts ?? [];
		const names = answers
			.slice(0, calls.length)
			.map((part) => "functionResponse" in part && part.functionResponse.name);
		if (content.role === "model" && calls.join() !== names.join())
			found.push(`calls ${calls.join()} of contents[${index}] are followed by ${names.join()}`);
		if (answers.slice(calls.length).some((part) => "functionResponse" in part))
			found.push(`contents[${index + 1}] has an answer too many`);
		if (contents[index + 1]?.role === content.role) found.push(`contents[${index + 1}] is a second turn of its role`);
	}
	return [...found, ...leaks(body)];
}

/** Keywords that Gemini does not know, wherever a keyword can stand. */
function geminiSchemaViolations(schema: Body): string[] {
	const known = ["type", "description", "nullable", "enum", "properties", "required", "items", "anyOf"];
	const found = Object.keys(schema).filter((keyword) => !known.includes(keyword));
	if (schema["anyOf"] === undefined && typeof schema["type"] !== "string") found.push("no single type");
	if (schema["type"] === "array" && schema["items"] === undefined) found.push("a list without items");
	if (((schema["enum"] ?? []) as unknown[]).some((value) => typeof value !== "string"))
		found.push("an enum of numbers");
	const inner = [schema["items"], ...Object.values((schema["properties"] ?? {}) as Body)];
	for (const child of [...inner, ...((schema["anyOf"] ?? []) as unknown[])])
		if (typeof child === "object" && child !== null) found.push(...geminiSchemaViolations(child as Body));
	return found;
}

/** What every server of the Responses API demands of a request. */
export function responsesViolations(body: Body): string[] {
	const found: string[] = [];
	const input = body["input"] as InputItem[];
	const tools = (body["tools"] ?? []) as { type: string; name: string; parameters: Body; strict: unknown }[];
	for (const { type, name, parameters, strict } of tools) {
		if (type !== "function") continue;
		if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) found.push(`tool name ${name}`);
		if (parameters["type"] !== "object" || typeof parameters["properties"] !== "object")
			found.push(`schema of ${name}`);
		if (strict !== false) found.push(`strict of ${name}`);
	}
	if (tools.length === 0 && "tool_choice" in body) found.push("tool_choice without tools");
	if (body["store"] !== false) found.push("the conversation is stored");
	for (const field of ["messages", "system", "max_tokens", "top_k", "stop"]) if (field in body) found.push(field);
	if (!input.some((item) => item.type === "message" && item.role === "user")) found.push("no user message");
	for (const [index, item] of input.entries()) {
		if (item.type === "message" && (item.content as string).length === 0) found.push(`input[${index}] is empty`);
		if (item.type === "function_call" && typeof JSON.parse(String(item["arguments"])) !== "object")
			found.push(`arguments of input[${index}] are no object`);
		const next = input[index + 1];
		const isLed = next?.type === "reasoning" || next?.type === "function_call" || isAssistant(next);
		if (item.type === "reasoning" && !isLed) found.push(`input[${index}] is reasoning that leads to nothing`);
	}
	return [...found, ...callViolations(input), ...leaks(body)];
}

function isAssistant(item: InputItem | undefined): boolean {
	return item?.type === "message" && item["role"] === "assistant";
}

/** The calls of a turn, each answered once, in their order, before anything else comes. */
function callViolations(input: readonly InputItem[]): string[] {
	const found: string[] = [];
	let open: string[] = [];
	for (const [index, item] of input.entries()) {
		if (item.type === "function_call") open.push(String(item["call_id"]));
		else if (item.type === "function_call_output") {
			const expected = open.shift();
			if (expected !== item["call_id"]) found.push(`input[${index}] answers ${item["call_id"]}, not ${expected}`);
		} else if (open.length > 0 && item.type === "message" && !isAssistant(item)) {
			found.push(`calls ${open.join()} are not answered before input[${index}]`);
			open = [];
		}
	}
	return open.length > 0 ? [...found, `calls ${open.join()} are not answered`] : found;
}

function messageViolations(message: ChatMessage, messages: readonly ChatMessage[], index: number): string[] {
	const found: string[] = [];
	if (message.role === "user" && message.content.length === 0) found.push(`messages[${index}] is empty`);
	if (message.role !== "assistant") return found;
	if (typeof message.content !== "string") found.push(`messages[${index}] is no plain string`);
	const calls = message.tool_calls ?? [];
	if (calls.length === 0 && message.content === "") found.push(`messages[${index}] is empty`);
	for (const call of calls) {
		const input: unknown = JSON.parse(call.function.arguments);
		if (typeof input !== "object" || input === null) found.push(`arguments of ${call.id} are no object`);
	}
	const ids = calls.map((call) => call.id);
	if (new Set(ids).size !== ids.length) found.push(`messages[${index}] repeats an id`);
	const results = messages.slice(index + 1, index + 1 + ids.length);
	const answered = results.map((result) => (result.role === "tool" ? result.tool_call_id : result.role));
	if (answered.join() !== ids.join()) found.push(`calls ${ids.join()} are followed by ${answered.join()}`);
	if (messages[index + 1 + ids.length]?.role === "tool") found.push(`messages[${index}] has a result too many`);
	return found;
}

/** What the Messages API demands of a request. */
export function anthropicViolations(body: Body, quirks: Quirks = DEFAULT_QUIRKS): string[] {
	const found: string[] = [];
	const messages = body["messages"] as MessageParam[];
	const ids = messages.flatMap((message) => callIds(message));
	if (new Set(ids).size !== ids.length) found.push("a tool-use id comes twice");
	if (messages[0]?.role !== "user") found.push("the first turn is no user turn");
	for (const [index, message] of messages.entries()) {
		if (message.role === "system" && quirks.laterSystem !== "system")
			found.push(`messages[${index}] is a system message`);
		if (message.content.length === 0) found.push(`messages[${index}] is empty`);
		const calls = callIds(message);
		const blocks = contentBlocks(messages[index + 1]?.content);
		const results = blocks.slice(0, calls.length).map(resultId);
		if ([...results].sort().join() !== [...calls].sort().join())
			found.push(`calls ${calls} are followed by ${results}`);
		if (message.role === "assistant" && blocks.slice(calls.length).some(resultId))
			found.push(`messages[${index + 1}] has a result too many`);
	}
	const text = JSON.stringify(body);
	for (const leak of ["cc-any:1:", ...(quirks.toolReferences ? [] : ["tool_reference", "defer_loading"])]) {
		if (text.includes(`"${leak}`)) found.push(`${leak} leaked`);
	}
	return found;
}

function callIds(message: MessageParam): string[] {
	if (message.role !== "assistant") return [];
	return contentBlocks(message.content).flatMap((block) =>
		block.type === "tool_use" ? [(block as { id: string }).id] : [],
	);
}

function resultId(block: ContentBlock): string | undefined {
	return block.type === "tool_result" ? (block as { tool_use_id: string }).tool_use_id : undefined;
}
