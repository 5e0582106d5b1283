import { isCompaction } from "../../protocol/compaction.ts";
import { contentBlocks, isText, type MessageRequest } from "../../protocol/messages.ts";

/** What Claude Code makes a request for; `vision`: cc-any itself, for the description of an image. */
export type Purpose = "main" | "subagent" | "title" | "compaction" | "web" | "count" | "vision";

/** Headers by which Claude Code identifies a request. Measured with Claude Code 2.1.197 to 2.1.332. */
export interface ClientMarks {
	/** `x-claude-code-session-id` */
	session?: string | undefined;
	/** `x-claude-code-agent-id`, sent by subagents only. */
	agent?: string | undefined;
	/**
	 * `x-claude-code-request-class`: `main`, `subagent`, `workflow`, `compaction`, `auxiliary` or `side_reply`. Sent where
	 * CLAUDE_CODE_GATEWAY_HINT_HEADERS is set (measured with Claude Code 2.1.332).
	 */
	requestClass?: string | undefined;
}

/** The request in which WebFetch summarises a page begins with this. Measured with Claude Code 2.1.332. */
const WEB_PAGE_PREFIX = "Web page content:";

/** The purpose of a request, recognised by what Claude Code sends for each. */
export function purposeOf(request: MessageRequest, marks: ClientMarks): Purpose {
	if (isCompaction(request)) return "compaction";
	if (request.tools?.some((tool) => tool.type?.startsWith("web_search"))) return "web";
	if (marks.agent) return "subagent";
	if (request.tools?.length) return "main";
	if (Object.hasOwn(formatProperties(request), "title")) return "title";
	if (firstTextOf(request).startsWith(WEB_PAGE_PREFIX)) return "web";
	return "main";
}

/** Whether a request is a turn of the conversation itself: background requests offer no tools. */
export function isTurn({ tools }: MessageRequest, purpose: Purpose): boolean {
	return purpose === "main" && (tools?.length ?? 0) > 0;
}

/**
 * Whether a person reads the reply to a turn. That to a request with the class `auxiliary` becomes the suggestion of a
 * prompt, for example.
 */
export function isShownTurn(
	request: MessageRequest,
	purpose: Purpose,
	{ requestClass = "main" }: ClientMarks,
): boolean {
	return requestClass === "main" && isTurn(request, purpose);
}

/** Properties of the JSON schema for the reply. */
function formatProperties(request: MessageRequest): object {
	const { properties } = (request.output_config?.format?.schema ?? {}) as { properties?: unknown };
	return typeof properties === "object" && properties !== null ? properties : {};
}

function firstTextOf({ messages }: MessageRequest): string {
	return contentBlocks(messages[0]?.content).find(isText)?.text?.trimStart() ?? "";
}
