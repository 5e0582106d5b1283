import { contentBlocks, isText, type MessageParam, type TextBlock } from "../../protocol/messages.ts";
import { markupOpeners } from "../markup/index.ts";
import { CONTROL_TOKENS, mayHoldControlToken } from "../markup/scanner/control-tokens.ts";
import { anyOf } from "../markup/scanner/literals.ts";
import { callableTools, type ToolTable } from "../markup/scanner/markup-grammar.ts";
import { TextScanner } from "../markup/scanner/scan-text.ts";
import type { RequestRepair } from "../repair.ts";
import { stripControlTokens } from "../response/control-tokens.ts";

const TOKEN = anyOf(CONTROL_TOKENS);
/** Stands where a turn was nothing but a leaked call, so that the turn remains and says what is true. */
const PLACEHOLDER = "(A tool call was written as text here and was not carried out.)";

/**
 * Takes leaked calls and control tokens out of earlier assistant turns: a model that finds one in its history writes
 * the next one the same way. It looks at one block at a time, so a turn is sent the same in every later request.
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
	const withoutCalls = tools.size > 0 && markupOpeners.mayHoldOpener(given, true) ? stripCalls(given, tools) : given;
	const hasToken = mayHoldControlToken(withoutCalls) && TOKEN.test(withoutCalls);
	const text = hasToken ? stripControlTokens(withoutCalls) : withoutCalls;
	return text === given ? block : { ...block, text };
}

function stripCalls(text: string, tools: ToolTable): string {
	const scanner = new TextScanner(markupOpeners, tools);
	const pieces: string[] = [];
	let at = 0;
	for (const item of [...scanner.push(text), ...scanner.end(false)]) {
		const length = "text" in item ? item.text : item.markup.length;
		if ("text" in item) pieces.push(text.slice(at, at + length));
		at += length;
	}
	return pieces.join("");
}
