import { contentBlocks, isText, type MessageParam, type TextBlock } from "../../protocol/messages.ts";
import { grammarTable } from "../markup/index.ts";
import { withoutControlTokens } from "../markup/scanner/control-tokens.ts";
import { callableTools, type ToolTable } from "../markup/scanner/markup-grammar.ts";
import { TextScanner } from "../markup/scanner/scan-text.ts";
import type { RequestRepair } from "../repair.ts";

/** The text of a turn that was nothing but a leaked call. */
const PLACEHOLDER = "(A tool call was written as text here. It was not run.)";

/**
 * Removes leaked calls and control tokens from earlier assistant turns: a model that finds one in its history writes the
 * next one the same way. Each block is cleaned by itself, so a turn is sent the same in every later request.
 */
export const leakedHistory: RequestRepair = {
	name: "leaked-history",
	apply(request, { note }) {
		const tools = callableTools(request);
		const messages = request.messages.map((message, index) => {
			if (message.role !== "assistant") return message;
			const cleaned = cleanMessage(message, tools);
			if (cleaned !== message) {
				const done = "left out of the history";
				note({ kind: "leaked-history", where: `request.messages[${index}]`, seen: "markup of a tool call", done });
			}
			return cleaned;
		});
		return messages.some((message, index) => message !== request.messages[index]) ? { ...request, messages } : request;
	},
};

function cleanMessage(message: MessageParam, tools: ToolTable): MessageParam {
	const blocks = contentBlocks(message.content);
	const cleaned = blocks.map((block) => (isText(block) ? cleanBlock(block, tools) : block));
	if (cleaned.every((block, index) => block === blocks[index])) return message;
	const kept = cleaned.filter((block, index) => block === blocks[index] || !isText(block) || block.text.trim() !== "");
	return { ...message, content: kept.length > 0 ? kept : [{ type: "text", text: PLACEHOLDER }] };
}

function cleanBlock(block: TextBlock, tools: ToolTable): TextBlock {
	const given = block.text ?? "";
	const text = withoutControlTokens(withoutCalls(given, tools), grammarTable.controlTokens(tools));
	return text === given ? block : { ...block, text };
}

function withoutCalls(text: string, tools: ToolTable): string {
	if (tools.size === 0 || !grammarTable.mayHoldOpener(text, true)) return text;
	const scanner = new TextScanner(grammarTable, tools);
	const pieces: string[] = [];
	let at = 0;
	for (const item of [...scanner.push(text), ...scanner.end(false)]) {
		const length = "text" in item ? item.text : item.markup.length;
		if ("text" in item) pieces.push(text.slice(at, at + length));
		at += length;
	}
	return pieces.join("");
}
