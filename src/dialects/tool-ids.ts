import type { MessageRequest } from "../anthropic/messages.ts";

/** The ids of all tool calls in a conversation, for the rule that an id may not come twice. */
export function usedToolIds(request: MessageRequest): Set<string> {
	const ids = new Set<string>();
	for (const message of request.messages) {
		if (typeof message.content === "string") continue;
		for (const block of message.content) {
			if (block.type === "tool_use") ids.add((block as { id: string }).id);
		}
	}
	return ids;
}
