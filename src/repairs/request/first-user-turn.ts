import type { RequestRepair } from "../repair.ts";

/**
 * Guarantees a user turn before the first assistant turn: providers refuse a conversation that begins with the
 * assistant, and one without any user message.
 */
export const firstUserTurn: RequestRepair = {
	name: "first-user-turn",
	apply(request, { note }) {
		const first = request.messages.findIndex((message) => message.role !== "system");
		if (request.messages[first]?.role === "user") return request;
		note({
			kind: "first-user-turn",
			where: "request.messages",
			seen: "no user turn at the beginning",
			done: "one was put there",
		});
		const messages = [...request.messages];
		messages.splice(first === -1 ? messages.length : first, 0, { role: "user", content: "Continue." });
		return { ...request, messages };
	},
};
