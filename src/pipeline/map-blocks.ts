import type { ContentBlock, MessageParam, MessageRequest } from "../protocol/messages.ts";

/** Changes messages; if none changes, the request stays the same object. */
export function mapMessages(
	request: MessageRequest,
	change: (message: MessageParam, where: string) => MessageParam,
): MessageRequest {
	const messages = request.messages.map((message, index) => change(message, `request.messages[${index}]`));
	return messages.every((message, index) => message === request.messages[index]) ? request : { ...request, messages };
}

/** Changes blocks, and those in results of tools; blocks that stay the same keep their identity, and so do messages. */
export function mapBlocks(
	request: MessageRequest,
	change: (block: ContentBlock, where: string) => ContentBlock,
): MessageRequest {
	const changeAll = (blocks: ContentBlock[], where: string): ContentBlock[] => {
		const changed = blocks.map((block) => {
			if (block.type !== "tool_result" || !Array.isArray(block.content)) return change(block, where);
			const content = changeAll(block.content, where);
			return change(content === block.content ? block : { ...block, content }, where);
		});
		return changed.every((block, index) => block === blocks[index]) ? blocks : changed;
	};
	return mapMessages(request, (message, where) => {
		if (typeof message.content === "string") return message;
		const content = changeAll(message.content, where);
		return content === message.content ? message : { ...message, content };
	});
}
