import { duration } from "../../../platform/figures.ts";
import { prefixText } from "../../../trace/record/exchange-record.ts";
import type { ExplainedDivergence } from "../../explain/explain.ts";
import { placeText } from "../../explain/rules/rule.ts";
import { usageTexts } from "../../record/cost.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";
import type { ExchangeView, ToolCard } from "../exchange-view.ts";
import type { BodySource } from "./api.ts";
import { h } from "./dom.ts";
import { panes } from "./panes.ts";
import { PHASE_LABELS, phasesOf } from "./timeline.ts";

export const TABS = ["Explanation", "Bodies", "Tools", "Figures"] as const;

/** One tab of the selected exchange. */
export function details(
	record: ExchangeRecord,
	view: ExchangeView,
	source: BodySource,
	tab: number,
	actions: { choose: (tab: number) => void; close: () => void },
): HTMLElement[] {
	const tabs = TABS.map((name, index) =>
		h(
			"button",
			{
				type: "button",
				role: "tab",
				id: `tab-${index}`,
				"aria-selected": String(index === tab),
				"aria-controls": "panel",
				click: () => actions.choose(index),
			},
			index === 2 && view.bodies ? `${name} (${view.bodies.tools.length})` : name,
		),
	);
	const title = `Exchange ${record.number}`;
	const subtitle = `${record.purpose} · ${record.profile}/${record.servedModel || record.requestedModel}`;
	return [
		h(
			"div",
			{ class: "details-head" },
			h("h2", {}, title, " ", h("small", {}, subtitle)),
			h("button", { type: "button", class: "close", "aria-label": "Close the exchange", click: actions.close }, "×"),
			h("div", { role: "tablist", "aria-label": title }, ...tabs),
		),
		h(
			"div",
			{ id: "panel", role: "tabpanel", tabindex: 0, "aria-labelledby": `tab-${tab}` },
			content(record, view, source, tab),
		),
	];
}

function content(record: ExchangeRecord, view: ExchangeView, source: BodySource, tab: number): HTMLElement {
	if (tab === 0) return explanation(view);
	if (tab === 3) return figures(record);
	if (!view.bodies)
		return h("p", { class: "empty" }, "Not recorded. Start with --trace, or CC_ANY_TRACE=1, to record the bodies.");
	return tab === 1 ? panes(view.bodies, source) : tools(view.bodies.tools);
}

function explanation({ explanation: { record, first, others, routine, changes } }: ExchangeView): HTMLElement {
	const list = h("div", { class: "explanation" });
	list.append(first ? finding(first) : h("p", { class: "good" }, "No finding: this exchange is healthy."));
	if (others.length > 0) list.append(h("h3", {}, "Then"), ...others.map(shortFinding));
	if (record.prefixBreak) list.append(h("h3", {}, "Prefix"), h("p", {}, prefixText(record.prefixBreak)));
	if (changes && changes.length > 0) {
		const rows = changes.map(({ place, before, after, rule }) =>
			h(
				"tr",
				{},
				h("th", { scope: "row" }, place),
				h("td", {}, before !== undefined && h("del", {}, before), after !== undefined && h("ins", {}, after)),
				h("td", {}, h("code", {}, rule)),
			),
		);
		const head = h("tr", {}, ...["place", "requested, sent", "rule"].map((name) => h("th", { scope: "col" }, name)));
		list.append(
			h("h3", {}, "Requested and sent"),
			h("div", { class: "scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows))),
		);
	}
	if (routine.length > 0) {
		const names = [...new Set(routine.map(({ kind }) => kind))].join(", ");
		list.append(h("h3", {}, "Routine translations"), h("p", {}, names));
	}
	return list;
}

function finding({ kind, where, seen, done, rule }: ExplainedDivergence): HTMLElement {
	const facts: [string, string | undefined][] = [
		["Stage", placeText(rule, where)],
		["Seen", seen || "a text of the conversation, see the full trace"],
		["Expected", rule && `${rule.expected}. ${rule.source}`],
		["Done", done || "see the full trace"],
		["Verdict", rule?.verdict ?? "unknown"],
	];
	const rows = facts.flatMap(([name, text]) => [
		h("dt", {}, name),
		h("dd", { class: name.toLowerCase() }, text ?? "unknown"),
	]);
	return h("section", { class: "finding" }, h("h3", {}, "Finding: ", h("b", {}, kind)), h("dl", {}, ...rows));
}

function shortFinding({ kind, where, seen, done, rule }: ExplainedDivergence): HTMLElement {
	return h(
		"p",
		{ class: "short" },
		h("b", {}, kind),
		` (${rule?.verdict ?? "unknown"}) at ${where}: ${seen} → ${done}`,
	);
}

function tools(cards: readonly ToolCard[]): HTMLElement {
	if (cards.length === 0) return h("p", { class: "empty" }, "No tool was called.");
	return h("div", { class: "cards" }, ...cards.map(toolCard));
}

function toolCard({ name, id, input, result, isError, repairs, origin }: ToolCard): HTMLElement {
	return h(
		"article",
		{ class: isError ? "card bad" : "card" },
		h(
			"header",
			{},
			h("b", {}, name),
			h("code", {}, id),
			h("small", {}, origin === "reply" ? "called in this reply" : "called before"),
		),
		...repairs.map((repair) => h("p", { class: "repair" }, repair)),
		h("pre", { tabindex: 0, "aria-label": `Input of ${name}` }, input),
		result === undefined
			? h("p", { class: "empty" }, "The result comes with the next request.")
			: h("pre", { class: "result", tabindex: 0, "aria-label": `Result of ${name}` }, result),
	);
}

function figures(record: ExchangeRecord): HTMLElement {
	const { tokensPerSecond, burstiness, prefixBreak } = record;
	const { input, cached, output, cost } = usageTexts(record);
	const phases = Object.entries(phasesOf(record)).map(([phase, time]): [string, string] => [
		PHASE_LABELS[phase as keyof typeof PHASE_LABELS],
		duration(time),
	]);
	const rows: [string, string | undefined][] = [
		["Requested, served", `${record.requestedModel}, ${record.profile}/${record.servedModel}`],
		["Status, attempts", `${record.status}, ${record.attempts}`],
		["Stop reason", record.stopReason ?? undefined],
		["Failure", record.failure ?? "none"],
		...phases,
		["Tokens per second", tokensPerSecond?.toString()],
		["Burstiness (0 steady, 1 random)", burstiness?.toString()],
		["Input tokens", `${input}, ${cached} cached`],
		["Output tokens", output],
		["Cost", cost],
		["Prefix", prefixBreak ? prefixText(prefixBreak) : "no break"],
		["Tools called", record.tools.join(", ") || "none"],
	];
	const shown = rows.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text ?? "unknown")]);
	return h("dl", { class: "figures-list" }, ...shown);
}
