import { MessageCollector, messageEvents } from "../protocol/message-events.ts";
import type { Message } from "../protocol/messages.ts";
import { newMessage } from "../protocol/new-message.ts";
import { runStage } from "../protocol/stage.ts";
import type { RepairContext } from "../repairs/repair.ts";
import { replyStages } from "./build.ts";

/**
 * The tool call in a text that a server could not read as one (Groq's `failed_generation`), as a reply. Undefined when
 * the text holds no call of an offered tool.
 */
export function recoverCall(
	text: string,
	context: Pick<RepairContext, "request" | "target" | "mintId" | "note">,
): Message | undefined {
	const reply = newMessage(context.target.model, [{ type: "text", text }], context.mintId);
	const collector = new MessageCollector();
	for (const event of runStage(replyStages(context), messageEvents(reply))) collector.push(event);
	const { message } = collector;
	return message?.content.some((block) => block.type === "tool_use") ? message : undefined;
}
