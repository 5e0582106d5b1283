import type { TextBlock } from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";

const LINE = /^x-anthropic-billing-header:[^\n]*\n?/;

/**
 * Removes the line that Claude Code puts before the system prompt for Anthropic's billing. It changes from request to
 * request and would make every prefix cache useless. Claude Code's own switch for it also ends its auto mode.
 */
export const billingLine: RequestRepair = {
	name: "billing-line",
	apply(request, { note }) {
		const { system } = request;
		if (typeof system === "string" ? !LINE.test(system) : !system?.some((block) => LINE.test(block.text)))
			return request;
		note({ kind: "billing-line", where: "request.system", seen: "x-anthropic-billing-header", done: "removed" });
		return { ...request, system: typeof system === "string" ? system.replace(LINE, "") : withoutLine(system ?? []) };
	},
};

function withoutLine(system: readonly TextBlock[]): TextBlock[] {
	return system.flatMap((block) => {
		if (!LINE.test(block.text)) return [block];
		const text = block.text.replace(LINE, "");
		return text === "" ? [] : [{ ...block, text }];
	});
}
