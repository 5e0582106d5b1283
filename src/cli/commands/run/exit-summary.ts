import { counted, dollars, duration, percent, tokens } from "../../../platform/figures.ts";
import type { Summary } from "../../../trace/store/summarise.ts";
import { style } from "../../ui/style.ts";

/**
 * Summary of a session in a few lines, printed after claude exits; "" without requests. The command that resumes it is a line
 * of its own, the last one: a terminal copies it whole.
 */
export function exitSummary(summary: Summary, session: string, resume?: string): string {
	if (summary.requests === 0) return "";
	const facts = [usageLine(summary), qualityLine(summary), repairLine(summary)].filter((line) => line !== "");
	const more = `more: cc-any trace ${facts.length > 1 ? "explain" : "show"} ${session}`;
	// Claude Code has just printed `claude --resume`, which would go to Anthropic.
	const notThat = "`claude --resume` does not reach this model; this command does:";
	const [first, ...rest] = [...facts, more, ...(resume ? [notThat] : [])];
	const indent = " ".repeat("cc-any: ".length);
	const lines = [`${style.hint("cc-any:")} ${first}`, ...rest.map((line) => `${indent}${style.faint(line)}`)];
	return [...lines, ...(resume ? [resume] : []), ""].join("\n");
}

function usageLine(summary: Summary): string {
	const parts = [`${counted(summary.requests, "request")} to ${summary.models.join(", ") || "no model"}`];
	if (summary.inputTokens > 0) {
		const cached = summary.cachedTokens > 0 ? ` (${percent(summary.cachedTokens, summary.inputTokens)} cached)` : "";
		parts.push(`${tokens(summary.inputTokens)} tokens in${cached}, ${tokens(summary.outputTokens)} out`);
	}
	if (summary.cost !== undefined) {
		parts.push(dollars(summary.cost) + (summary.unpriced > 0 ? ` and ${summary.unpriced} of unknown price` : ""));
	}
	if (summary.slowestFirstToken !== undefined) parts.push(`slowest first token ${duration(summary.slowestFirstToken)}`);
	return parts.join(" · ");
}

function qualityLine({ retries, fallbacks, returns, failures, prefixBreaks }: Summary): string {
	return [
		retries > 0 && counted(retries, "retry", "retries"),
		fallbacks > 0 && counted(fallbacks, "fallback"),
		returns > 0 && `${counted(returns, "return")} to the first model`,
		failures > 0 && counted(failures, "failure"),
		prefixBreaks > 0 && counted(prefixBreaks, "cache break"),
	]
		.filter(Boolean)
		.join(" · ");
}

function repairLine({ repairs }: Summary): string {
	const kinds = Object.entries(repairs);
	if (kinds.length === 0) return "";
	const total = kinds.reduce((sum, [, times]) => sum + times, 0);
	const named = kinds.slice(0, 4).map(([kind, times]) => `${times} ${kind}`);
	return `${counted(total, "repair")}: ${named.join(", ")}${kinds.length > 4 ? ", …" : ""}`;
}
