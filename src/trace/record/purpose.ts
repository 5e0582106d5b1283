import { contentBlocks, isText, type MessageRequest } from "../../protocol/messages.ts";

/** What Claude Code wants of a request. */
export type Purpose = "main" | "subagent" | "title" | "compaction" | "web" | "count";

/** Marks of Claude Code's own in the headers of a request (measured). */
export interface ClientMarks {
	/** `x-claude-code-session-id` */
	session?: string | undefined;
	/** `x-claude-code-agent-id`, which only subagents send. */
	agent?: string | undefined;
}

/** How the last text of a compaction request begins (measured, 2.1.197 to 2.1.332). */
const COMPACTION = "CRITICAL: Respond with TEXT ONLY";
/** How the page that WebFetch wants digested begins (measured). */
const WEB_PAGE = "Web page content:";

/** Tells the purpose of a request by what the real Claude Code sends for each. */
export function purposeOf(request: MessageRequest, marks: ClientMarks): Purpose {
	if (lastTextOf(request).startsWith(COMPACTION)) return "compaction";
	if (request.tools?.some((tool) => tool.type?.startsWith("web_search"))) return "web";
	if (marks.agent) return "subagent";
	if (request.tools?.length) return "main";
	if (Object.hasOwn(formatProperties(request), "title")) return "title";
	if (firstTextOf(request).startsWith(WEB_PAGE)) return "web";
	return "main";
}

/** Properties of the JSON schema that the reply is to follow. */
function formatProperties(request: MessageRequest): object {
	const { properties } = (request.output_config?.format?.schema ?? {}) as { properties?: unknown };
	return typeof properties === "object" && properties !== null ? properties : {};
}

function firstTextOf({ messages }: MessageRequest): string {
	return textsOf(messages[0])[0]?.trimStart() ?? "";
}

function lastTextOf({ messages }: MessageRequest): string {
	// System messages may follow the user's turn.
	return (
		textsOf(messages.findLast(({ role }) => role === "user"))
			.at(-1)
			?.trimStart() ?? ""
	);
}

function textsOf(message: MessageRequest["messages"][number] | undefined): string[] {
	return contentBlocks(message?.content)
		.filter(isText)
		.map((block) => block.text ?? "");
}
