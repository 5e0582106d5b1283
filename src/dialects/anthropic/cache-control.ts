import type { Note } from "../../protocol/divergence.ts";
import type { ContentBlock, MessageRequest, TextBlock } from "../../protocol/messages.ts";

/** The request without any `cache_control`, for endpoints that refuse it. */
export function withoutCacheControl(request: MessageRequest, note: Note): MessageRequest {
	note({ kind: "cache-control", where: "request", seen: "cache_control", done: "not sent" });
	const { system, tools } = request;
	return {
		...request,
		messages: request.messages.map((message) => {
			return typeof message.content === "string" ? message : { ...message, content: message.content.map(strip) };
		}),
		...(Array.isArray(system) && { system: system.map((block) => strip(block) as TextBlock) }),
		...(tools && { tools: tools.map(({ cache_control: _cache, ...tool }) => tool as typeof tool & { name: string }) }),
	};
}

function strip(block: ContentBlock): ContentBlock {
	const { cache_control: _cache, ...rest } = block as { [field: string]: unknown };
	if (Array.isArray(rest["content"])) rest["content"] = (rest["content"] as ContentBlock[]).map(strip);
	return rest as ContentBlock;
}
