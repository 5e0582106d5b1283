import { estimateTokenCount } from "tokenx";
import { countedContent } from "../../protocol/count-tokens.ts";
import { deltaText } from "../../protocol/events.ts";
import type { MessageRequest, Usage } from "../../protocol/messages.ts";
import type { ResponseRepair } from "../repair.ts";

/**
 * Estimates token counts that the provider did not report. Claude Code decides by them when to compact; without any it
 * runs into the end of the context window (measured with 2.1.332). Estimates are marked with `estimated: true`.
 */
export const missingUsage: ResponseRepair = {
	name: "missing-usage",
	stage: (context) => (next) => {
		let start: Partial<Usage> = {};
		const written: string[] = [];
		return {
			push(event) {
				if (event.type === "message_start") start = event.message.usage;
				if (event.type === "content_block_delta") written.push(deltaText(event.delta) ?? "");
				if (event.type !== "message_delta") {
					next.push(event);
					return;
				}
				const estimate = estimateMissing({ ...start, ...event.usage }, context.request, written);
				if (!estimate) next.push(event);
				else {
					const seen = JSON.stringify(event.usage);
					context.note({
						kind: "missing-usage",
						where: "response.usage",
						seen,
						done: `estimated ${JSON.stringify(estimate)}`,
					});
					next.push({ ...event, usage: { ...event.usage, ...estimate, estimated: true } });
				}
			},
			end: () => next.end(),
		};
	},
};

/** Estimates of the counts that are zero or absent; undefined when there are none. */
function estimateMissing(
	usage: Partial<Usage>,
	request: MessageRequest,
	written: readonly string[],
): Partial<Usage> | undefined {
	const estimate: Partial<Usage> = {};
	const input =
		(usage.input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
	if (input === 0) {
		const { text, mediaTokens } = countedContent(request);
		estimate.input_tokens = estimateTokenCount(text) + mediaTokens;
	}
	const text = written.join("");
	if (!usage.output_tokens && text !== "") estimate.output_tokens = estimateTokenCount(text);
	return Object.keys(estimate).length > 0 ? estimate : undefined;
}
