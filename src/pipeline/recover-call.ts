import { MessageCollector, messageEvents } from "../protocol/message-events.ts";
import type { Message } from "../protocol/messages.ts";
import { newMessage } from "../protocol/new-message.ts";
import { chain, runStage } from "../protocol/stage.ts";
import { responseRepairs } from "../repairs/index.ts";
import type { RepairContext } from "../repairs/repair.ts";

/**
 * The tool call in a text that a server could not read as one (Groq's `failed_generation`), as a reply. Undefined when
 * the text holds no call of an offered tool: the attempt has failed then.
 */
export function recoverCall(text: string, context: Omit<RepairContext, "isCommitted">): Message | undefined {
	const { target, mintId } = context;
	const reply = newMessage(target.model, [{ type: "text", text }], mintId);
	const repairs = responseRepairs.filter(({ name }) => !target.disabledRepairs.includes(name));
	const collector = new MessageCollector();
	for (const event of runStage(chain(repairs.map((repair) => repair.stage(context))), messageEvents(reply)))
		collector.push(event);
	const { message } = collector;
	return message?.content.some((block) => block.type === "tool_use") ? message : undefined;
}
