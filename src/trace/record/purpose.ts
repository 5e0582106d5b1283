import { contentBlocks, isText, type MessageRequest } from "../../protocol/messages.ts";

/** What Claude Code makes a request for. */
export type Purpose = "main" | "subagent" | "title" | "compaction" | "web" | "count";

/** Headers by which Claude Code identifies a request. Measured with Claude Code 2.1.197 to 2.1.332. */
export interface ClientMarks {
	/** `x-claude-code-session-id` */
	session?: string | undefined;
	/** `x-claude-code-agent-id`, sent by subagents only. */
	agent?: string | undefined;
}

/** The last text of a compaction request begins with this. Measured with Claude Code 2.1.197 to 2.1.332. */
const COMPACTION_PREFIX = "CRITICAL: Respond with TEXT ONLY";
/** The request in which WebFetch summarises a page begins with this. Measured with Claude Code 2.1.332. */
const WEB_PAGE_PREFIX = "Web page content:";

/** The purpose of a request, recognised by what Claude Code sends for each. */
export function purposeOf(request: MessageRequest, marks: ClientMarks): Purpose {
	if (lastTextOf(request).startsWith(COMPACTION_PREFIX)) return "compaction";
	if (request.tools?.some((tool) => tool.type?.startsWith("web_search"))) return "web";
	if (marks.agent) return "subagent";
	if (request.tools?.length) return "main";
	if (Object.hasOwn(formatProperties(request), "title")) return "title";
	if (firstTextOf(request).startsWith(WEB_PAGE_PREFIX)) return "web";
	return "main";
}

/** Properties of the JSON schema for the reply. */
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
