import { processEnvironment } from "../../../platform/paths.ts";
import {
	divergentExchanges,
	type ExplainedDivergence,
	type Explanation,
	explain,
} from "../../../trace/explain/explain.ts";
import { usualFigures } from "../../../trace/explain/figures.ts";
import type { RequestChange } from "../../../trace/explain/request-changes.ts";
import { nextCommand } from "../../../trace/explain/rules/next-command.ts";
import { placeText } from "../../../trace/explain/rules/rule.ts";
import { prefixText } from "../../../trace/record/exchange-record.ts";
import { sessionsFolder } from "../../../trace/record/session-id.ts";
import { findSession, readSession } from "../../../trace/store/sessions.ts";
import { print, printJson } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import { table } from "../../ui/table.ts";
import { chooseExchange } from "./show.ts";

/** Prints what departs from what was expected in an exchange. Without a number: in the first one that does. */
export async function explainTrace(
	name: string | undefined,
	number: string | undefined,
	{ json }: { json?: boolean },
): Promise<void> {
	const folder = sessionsFolder(processEnvironment());
	const id = await findSession(folder, name ?? "last");
	const { records } = await readSession(folder, id);
	const divergent = divergentExchanges(records);
	const chosen = number ?? (divergent.chosen ?? records[0]?.number)?.toString();
	if (chosen === undefined) {
		print(`session ${id} has no exchange\n`);
		return;
	}
	const { record, stored } = await chooseExchange(id, chosen);
	const explanation = explain(record, stored, usualFigures(records));
	const { first } = explanation;
	const next = first && nextCommand(first.rule, { session: id, number: record.number, profile: record.profile });
	if (json) {
		printJson({ ...explanation, next });
		return;
	}
	print(describe(explanation, next));
	if (number !== undefined) return;
	const others = (numbers: readonly number[]) => numbers.filter((other) => String(other) !== chosen);
	const more = [
		numbersLine("also with a finding", others(divergent.faults)),
		numbersLine("also worth a look", others(divergent.remarks)),
	].join("");
	if (more !== "") print(`\n${more}`);
}

function numbersLine(title: string, numbers: readonly number[]): string {
	if (numbers.length === 0) return "";
	return `${title}: ${numbers.slice(0, 20).join(", ")}${numbers.length > 20 ? ", …" : ""}\n`;
}

function describe({ record, first, others, routine, changes }: Explanation, next: string | undefined): string {
	const { number, purpose, profile, servedModel, status, prefixBreak } = record;
	const head = `exchange ${number}: ${purpose}, ${profile}/${servedModel || record.requestedModel}, status ${status}`;
	const parts = [style.heading(head), first ? findingText(first, next) : style.success("no finding")];
	if (others.length > 0) parts.push(section("then", others.map(shortLine)));
	if (prefixBreak) parts.push(section("prefix", [prefixText(prefixBreak)]));
	if (routine.length > 0) parts.push(section("routine translations", namesOf(routine)));
	if (changes) parts.push(section("requested → sent", changes.length > 0 ? changeLines(changes) : ["no difference"]));
	else
		parts.push(
			style.faint("No bodies were recorded. With --trace, cc-any records them, and the texts that quote them."),
		);
	return `${parts.join("\n\n")}\n`;
}

function findingText({ kind, where, seen, done, rule }: ExplainedDivergence, next = ""): string {
	const rows = [
		["finding", style.warning(kind)],
		["stage", placeText(rule, where)],
		["seen", seen || "(a text of the conversation)"],
		["expected", rule?.expected ?? ""],
		["", style.faint(rule?.source ?? "")],
		["done", done || "(see the full trace)"],
		["verdict", style.heading(rule?.verdict ?? "unknown")],
		["next", style.hint(next)],
	];
	return table(rows).trimEnd();
}

function shortLine({ kind, where, seen, done, rule }: ExplainedDivergence): string {
	return `${kind} (${rule?.verdict ?? "unknown"}) at ${where}${seen ? `: ${seen}` : ""}${done ? ` → ${done}` : ""}`;
}

function namesOf(findings: readonly ExplainedDivergence[]): string[] {
	const counts = new Map<string, number>();
	for (const { kind } of findings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
	return [[...counts].map(([kind, times]) => (times > 1 ? `${kind} ×${times}` : kind)).join(", ")];
}

function changeLines(changes: readonly RequestChange[]): string[] {
	return grouped(changes).flatMap(({ place, before, after, rule }) => [
		`${place}  ${style.hint(`[${rule}]`)}`,
		...(before === undefined ? [] : [style.error(`  - ${before}`)]),
		...(after === undefined ? [] : [style.success(`  + ${after}`)]),
	]);
}

/** Tools that one rule changed alike are shown once, by the first of them. */
function grouped(changes: readonly RequestChange[]): RequestChange[] {
	const ofRule = new Map<string, RequestChange[]>();
	for (const change of changes) {
		const key = change.tool === undefined ? change.place : change.rule;
		ofRule.set(key, [...(ofRule.get(key) ?? []), change]);
	}
	return [...ofRule.values()].flatMap(([first, ...more]) => {
		if (!first || more.length === 0) return first ?? [];
		const names = more.slice(0, 3).map(({ tool, place }) => tool ?? place);
		const others = more.length > names.length ? ` and ${more.length - names.length} others` : "";
		return { ...first, place: `${first.place}, likewise ${names.join(", ")}${others}` };
	});
}

function section(title: string, lines: readonly string[]): string {
	return [style.heading(title), ...lines.map((line) => `  ${line}`)].join("\n");
}
