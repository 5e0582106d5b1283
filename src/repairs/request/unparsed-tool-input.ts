import type { ContentBlock } from "../../protocol/messages.ts";
import { isToolUse } from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";

/**
 * Claude Code keeps a tool input that was no JSON as `{"__unparsedToolInput":{"raw","len"}}` (measured). The model gets
 * the raw text back under a plain name: it sees what it wrote, does not learn our wrapper, and the arguments are JSON.
 */
export const unparsedToolInput: RequestRepair = {
	name: "unparsed-tool-input",
	apply(request, { note }) {
		if (
			!request.messages.some(
				({ content }) => typeof content !== "string" && content.some((block) => rawInput(block) !== undefined),
			)
		) {
			return request;
		}
		const messages = request.messages.map((message, index) => {
			if (typeof message.content === "string") return message;
			if (!message.content.some((block) => rawInput(block) !== undefined)) return message;
			note({
				kind: "unparsed-tool-input",
				where: `request.messages[${index}]`,
				seen: "tool input that is no JSON",
				done: "sent as invalid_json",
			});
			const content = message.content.map((block) => {
				const raw = rawInput(block);
				return raw === undefined ? block : { ...block, input: { invalid_json: raw } };
			});
			return { ...message, content };
		});
		return { ...request, messages };
	},
};

function rawInput(block: ContentBlock): string | undefined {
	if (!isToolUse(block)) return undefined;
	const wrapper = (block.input as { __unparsedToolInput?: { raw?: unknown } } | null)?.__unparsedToolInput;
	return typeof wrapper?.raw === "string" ? wrapper.raw : undefined;
}
