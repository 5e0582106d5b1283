import type { ContentBlock, MessageParam } from "../../src/anthropic/messages.ts";
import { contentBlocks } from "../../src/anthropic/messages.ts";
import type { ChatMessage } from "../../src/dialects/openai-chat/wire.ts";

type Body = Record<string, unknown>;

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
	const text = JSON.stringify(body);
	for (const leak of ["cache_control", "tool_reference", "cc-any:1:", "defer_loading"]) {
		if (text.includes(`"${leak}`)) found.push(`${leak} leaked`);
	}
	return found;
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
export function anthropicViolations(body: Body): string[] {
	const found: string[] = [];
	const messages = body["messages"] as MessageParam[];
	const ids = messages.flatMap((message) => callIds(message));
	if (new Set(ids).size !== ids.length) found.push("a tool-use id comes twice");
	if (messages[0]?.role !== "user") found.push("the first turn is no user turn");
	for (const [index, message] of messages.entries()) {
		if (message.role === "system") found.push(`messages[${index}] is a system message`);
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
	for (const leak of ["tool_reference", "cc-any:1:", "defer_loading"]) {
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
