import type { RepairName } from "../../profile/model/repair-names.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Message, MessageRequest } from "../../protocol/messages.ts";
import { newMessage } from "../../protocol/new-message.ts";
import type { RepairContext } from "../repair.ts";
import { toolRounds } from "../tool-rounds.ts";

/** Its name in a profile's `disabledRepairs`. */
export const END_LOOP: RepairName = "end-loop";

/**
 * The reply that ends a turn in which the model repeats the same call with the same result despite the reminders. No
 * provider is asked. Undefined while there is no such loop.
 */
export function endLoop(
	request: MessageRequest,
	target: Target,
	{ mintId, note }: Pick<RepairContext, "mintId" | "note">,
): Message | undefined {
	const { repeatEnd } = target.quirks;
	const last = toolRounds(request).at(-1);
	const isNew = last?.messageIndex === request.messages.length - 1;
	if (!last || !isNew || repeatEnd === 0 || last.run < repeatEnd || target.disabledRepairs.includes(END_LOOP)) {
		return undefined;
	}
	note({
		kind: "loop-ended",
		where: `request.messages[${last.messageIndex}]`,
		seen: `${last.name}: the same call and result, ${last.run} times with nothing new between them`,
		done: "the turn was ended; the provider was not asked",
	});
	const text = `[cc-any ended this turn: the model called ${last.name} with the same input ${last.run} times, with nothing new between them, and got the same result each time. Say how to go on, or choose another model.]`;
	return newMessage(request.model, [{ type: "text", text }], mintId);
}
