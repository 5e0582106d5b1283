import { asObject } from "../../platform/json.ts";
import { type ContentBlock, isToolUse } from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";

/**
 * Claude Code stores a tool input that was not JSON as `{"__unparsedToolInput":{"raw","len"}}` (2.1.197 to 2.1.332). The
 * model gets the raw text back as `invalid_json`: it sees what it wrote, and the arguments are JSON.
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
				seen: "tool input that is not JSON",
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
	const { raw } = asObject(asObject(block.input)["__unparsedToolInput"]);
	return typeof raw === "string" ? raw : undefined;
}
