import type { Target } from "../../profile/model/target.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import { AskAgain } from "../../repairs/response/missing-parameters.ts";

/** Runs an attempt; when a repair asks for it, once more with the turns that tell the model what was wrong. */
export async function askAgain(
	request: MessageRequest,
	target: Target,
	attempt: (request: MessageRequest, target: Target) => Promise<void>,
): Promise<void> {
	try {
		await attempt(request, target);
	} catch (error) {
		if (!(error instanceof AskAgain)) throw error;
		const once = { ...target, quirks: { ...target.quirks, askForMissing: false } };
		await attempt({ ...request, messages: [...request.messages, ...error.turns] }, once);
	}
}
