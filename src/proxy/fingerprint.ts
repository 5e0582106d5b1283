import { createHash } from "node:crypto";
import { contentBlocks, type MessageParam, type MessageRequest } from "../protocol/messages.ts";
import { outsideReminders } from "../protocol/reminders.ts";
import type { ClientMarks } from "../trace/record/purpose.ts";

/**
 * Identifies the conversation of a request, so that Claude Code's retries of it are recognized; two sessions may begin with
 * the same words. Computed at most once, and only for requests that meet failures. System messages, reminders and cache
 * breakpoints between the turns are no part of it: after a 400, Claude Code writes there that it has switched ToolSearch
 * off (measured with 2.1.332).
 */
export function fingerprintOf({ model, messages }: MessageRequest, { session, agent }: ClientMarks): () => string {
	let hash: string | undefined;
	return () => {
		const turns = () => messages.filter(({ role }) => role !== "system").map(turnText);
		hash ??= createHash("sha256")
			.update(JSON.stringify([session, agent, model, turns()]))
			.digest("base64");
		return hash;
	};
}

const EMPTY_BLOCK = JSON.stringify({ type: "text", text: "" });

function turnText({ role, content }: MessageParam): string {
	const withoutMarks = (key: string, value: unknown) => {
		if (key === "cache_control") return undefined;
		return typeof value === "string" ? withoutReminders(value) : value;
	};
	const blocks = contentBlocks(content).map((block) => JSON.stringify(block, withoutMarks));
	return `${role} ${blocks.filter((block) => block !== EMPTY_BLOCK).join("\n")}`;
}

/** White space after a reminder belongs to it. */
function withoutReminders(text: string): string {
	const [first = "", ...rest] = outsideReminders(text);
	return first + rest.map((piece) => piece.trimStart()).join("");
}
