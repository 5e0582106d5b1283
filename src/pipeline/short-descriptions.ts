import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageRequest, TextBlock } from "../protocol/messages.ts";

const POINTER = " … (continued in the system prompt)";

/**
 * Descriptions of tools within the length that the endpoint accepts; a longer one is in the system prompt as a whole.
 * Most of Claude Code's own tools need more than the 1024 characters of some endpoints. The same object when nothing
 * changes.
 */
export function shortDescriptions(request: MessageRequest, { quirks }: Target, note: Note): MessageRequest {
	const max = quirks.maxToolDescription ?? Number.POSITIVE_INFINITY;
	const long = (request.tools ?? []).filter(({ description = "" }) => description.length > max);
	if (long.length === 0) return request;
	const tools = long.map(({ name }) => name);
	const seen = `descriptions of more than ${max} characters: ${tools.join(", ")}`;
	note({ kind: "tool-description", where: "request.tools", seen, done: "sent in the system prompt", data: { tools } });
	const sections = long.map(({ name, description }) => `## ${name}\n\n${description}`);
	const whole: TextBlock = { type: "text", text: ["# Descriptions of tools", ...sections].join("\n\n") };
	const { system = [] } = request;
	const before: TextBlock[] = typeof system === "string" ? [{ type: "text", text: system }] : system;
	const shortened = request.tools?.map((tool) =>
		long.includes(tool) ? { ...tool, description: cut(tool.description, max) } : tool,
	);
	return { ...request, system: [...before, whole], ...(shortened && { tools: shortened }) };
}

/** Never between the two halves of a character. */
function cut(text = "", max: number): string {
	return text.slice(0, Math.max(0, max - POINTER.length)).replace(/[\uD800-\uDBFF]$/, "") + POINTER.slice(0, max);
}
