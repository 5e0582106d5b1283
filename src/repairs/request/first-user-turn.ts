import type { RequestRepair } from "../repair.ts";

/** Adds a user turn if the conversation does not begin with one: providers refuse that. */
export const firstUserTurn: RequestRepair = {
	name: "first-user-turn",
	apply(request, { note }) {
		const first = request.messages.findIndex((message) => message.role !== "system");
		if (request.messages[first]?.role === "user") return request;
		note({
			kind: "first-user-turn",
			where: "request.messages",
			seen: "no user turn at the beginning",
			done: "one was added",
		});
		const messages = [...request.messages];
		messages.splice(first === -1 ? messages.length : first, 0, { role: "user", content: "Continue." });
		return { ...request, messages };
	},
};
