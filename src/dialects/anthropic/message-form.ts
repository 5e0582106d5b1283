import { isObject } from "../../platform/json.ts";
import type { Usage } from "../../protocol/messages.ts";
import type { DecodeContext } from "../dialect.ts";
import type { LooseEvent, LooseMessage } from "./wire.ts";

/** The message of message_start with all its fields. The same object when nothing is missing. */
export function completeMessage(message: LooseMessage, usage: Usage, context: DecodeContext): LooseMessage {
	const isComplete = typeof message.id === "string" && message.id !== "" && message.usage === usage;
	if (
		isComplete &&
		(message["stop_reason"] ?? null) === null &&
		Array.isArray(message.content) &&
		message.content.length === 0
	)
		return message;
	return {
		type: "message",
		role: "assistant",
		model: context.target.model,
		...message,
		stop_reason: null,
		stop_sequence: null,
		id: typeof message.id === "string" && message.id !== "" ? message.id : context.mintId("msg_"),
		content: [],
		usage,
	};
}

/** The blocks of a message that holds the whole reply. */
export function contentOf({ content }: LooseMessage): readonly unknown[] {
	if (Array.isArray(content)) return content;
	return isObject(content) ? [content] : [];
}

/** A message_delta with its stop reason in the delta and its usage beside it. The same object when it has them there. */
export function documentedEnd(event: LooseEvent): LooseEvent {
	const { stop_reason, stop_sequence, ...rest } = event;
	const { usage, ...delta } = event.delta ?? {};
	if (stop_reason === undefined && stop_sequence === undefined && usage === undefined) return event;
	const moved = {
		...(stop_reason !== undefined && { stop_reason }),
		...(stop_sequence !== undefined && { stop_sequence }),
	};
	return { ...rest, delta: { ...moved, ...delta }, usage: event.usage ?? usage };
}
