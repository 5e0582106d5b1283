import type { TextBlock } from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";

const BILLING_LINE = /^x-anthropic-billing-header:[^\n]*\n?/;

/**
 * Removes the line that Claude Code adds to the system prompt for Anthropic's billing. It changes with every request,
 * which would defeat every prefix cache. Claude Code's own setting against it also disables its auto mode.
 */
export const billingLine: RequestRepair = {
	name: "billing-line",
	apply(request, { note }) {
		const { system } = request;
		if (
			typeof system === "string" ? !BILLING_LINE.test(system) : !system?.some((block) => BILLING_LINE.test(block.text))
		)
			return request;
		note({ kind: "billing-line", where: "request.system", seen: "x-anthropic-billing-header", done: "removed" });
		return {
			...request,
			system: typeof system === "string" ? system.replace(BILLING_LINE, "") : withoutLine(system ?? []),
		};
	},
};

function withoutLine(system: readonly TextBlock[]): TextBlock[] {
	return system.flatMap((block) => {
		if (!BILLING_LINE.test(block.text)) return [block];
		const text = block.text.replace(BILLING_LINE, "");
		return text === "" ? [] : [{ ...block, text }];
	});
}
