import { counted, dollars, duration, percent, tokens } from "../../../platform/figures.ts";
import type { Summary } from "../../../trace/store/summarise.ts";
import { style } from "../../ui/style.ts";

/** Summary of a session in two to four lines, printed after claude exits; "" without requests. */
export function exitSummary(summary: Summary, session: string, resume?: string): string {
	if (summary.requests === 0) return "";
	const facts = [usageLine(summary), qualityLine(summary), repairLine(summary)].filter((line) => line !== "");
	const more = `cc-any trace ${facts.length > 1 ? "explain" : "show"} ${session}`;
	// Claude Code's own command names the settings file of this run, which has been deleted.
	const [first, ...rest] = [...facts, resume ? `more: ${more} · go on: ${resume}` : `more: ${more}`];
	const indent = " ".repeat("cc-any: ".length);
	return [`${style.hint("cc-any:")} ${first}`, ...rest.map((line) => `${indent}${style.faint(line)}`), ""].join("\n");
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

function qualityLine({ retries, fallbacks, failures, prefixBreaks }: Summary): string {
	return [
		retries > 0 && counted(retries, "retry", "retries"),
		fallbacks > 0 && counted(fallbacks, "fallback"),
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
