import { createHash } from "node:crypto";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { MessageRequest, ToolUseBlock } from "../../protocol/messages.ts";

/** The ids of all tool calls in a conversation. */
export function usedToolIds(request: MessageRequest): Set<string> {
	const ids = new Set<string>();
	for (const call of toolCalls(request)) ids.add(call.id);
	return ids;
}

/**
 * Claude Code's tool-use ids → ids in the form that the provider accepts. Each depends only on the ids before it, so an
 * earlier turn stays the same when a later one is added (prefix caches).
 */
export function providerToolIds(request: MessageRequest, form: Quirks["toolCallIds"]): Map<string, string> {
	const ids = new Map<string, string>();
	const taken = new Set<string>();
	for (const call of toolCalls(request)) {
		if (ids.has(call.id)) continue;
		let attempt = 0;
		let id = providerId(call, form, ids.size, attempt);
		while (taken.has(id)) id = providerId(call, form, ids.size, ++attempt);
		taken.add(id);
		ids.set(call.id, id);
	}
	return ids;
}

function* toolCalls(request: MessageRequest): Generator<ToolUseBlock> {
	for (const message of request.messages) {
		if (typeof message.content === "string") continue;
		for (const block of message.content) if (block.type === "tool_use") yield block;
	}
}

/** `attempt` counts up from 0 until the id is free. `position` is the number of calls before this one. */
function providerId(call: ToolUseBlock, form: Quirks["toolCallIds"], position: number, attempt: number): string {
	const source = attempt === 0 ? call.id : `${call.id}#${attempt}`;
	switch (form) {
		case "any":
			return source;
		case "alphanumeric-9":
			return /^[a-zA-Z0-9]{9}$/.test(source) ? source : base62(source, 9);
		case "max-40":
			return limited(source, 40);
		case "max-64":
			return limited(source, 64);
		case "kimi":
			// An id that Kimi issued stays as it is.
			if (attempt === 0 && /^functions\.[^:]+:\d+$/.test(call.id)) return call.id;
			return `functions.${call.name}:${position + attempt}`;
	}
}

function limited(id: string, length: number): string {
	if (id.length > 0 && id.length <= length && /^[a-zA-Z0-9_-]+$/.test(id)) return id;
	return `call_${base62(id, 24)}`;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function base62(source: string, length: number): string {
	const hash = createHash("sha256").update(source).digest();
	return Array.from(hash.subarray(0, length), (byte) => LETTERS[byte % LETTERS.length]).join("");
}
