import type { Divergence } from "../../protocol/divergence.ts";
import { mintId } from "../../protocol/mint-id.ts";
import { requestRepairs } from "../../repairs/index.ts";
import type { StoredAttempt, StoredExchange } from "../store/read-store.ts";
import { type Facts, factsOf, type Item } from "./facts.ts";

/** One thing that is not as Claude Code asked for it. */
export interface Change {
	/** `max_tokens`, `tools.Bash`, `messages[4] user: text`. */
	place: string;
	/** Shortened; undefined: it was not there. */
	before: string | undefined;
	after: string | undefined;
	/** Index of the message it stood in, and of the one it stands in now. */
	from?: number | undefined;
	to?: number | undefined;
	/** The rule that made it: a repair, a kind of divergence, a quirk, or the wire. */
	rule: string;
}

/** Every difference between what Claude Code asked and what was sent, with the rule that made it. */
export function requestChanges({ request, record }: StoredExchange, attempt: StoredAttempt): Change[] {
	const { target, outgoing } = attempt;
	if (!outgoing) return [];
	const changes: Change[] = [];
	let current = request;
	for (const repair of requestRepairs) {
		if (target.disabledRepairs.includes(repair.name)) continue;
		const repaired = repair.apply(current, { target, mintId, note: () => {} });
		if (repaired !== current) changes.push(...compare(factsOf(current), factsOf(repaired), () => repair.name));
		current = repaired;
	}
	const explain = encodeRules(record?.divergences ?? [], target.dialect);
	changes.push(...compare(factsOf(current), factsOf(outgoing.body), explain));
	return changes;
}

type Explain = (place: string, item?: Item) => string;

function compare(before: Facts, after: Facts, ruleOf: Explain): Change[] {
	const changes: Change[] = [];
	const maps = [
		["", before.fields, after.fields],
		["tools.", before.tools, after.tools],
	] as const;
	for (const [prefix, old, now] of maps) {
		for (const name of new Set([...old.keys(), ...now.keys()])) {
			const [was, is] = [old.get(name), now.get(name)];
			if (was === is) continue;
			const place = `${prefix}${name}`;
			changes.push({ place, ...shown(was, is), rule: ruleOf(place) });
		}
	}
	return [...changes, ...compareItems(before.items, after.items, ruleOf)];
}

/** Items are paired in order; a run that differs is told as what went and what came. */
function compareItems(before: readonly Item[], after: readonly Item[], ruleOf: Explain): Change[] {
	const changes: Change[] = [];
	let [i, j] = [0, 0];
	while (i < before.length || j < after.length) {
		const [old, now] = [before[i], after[j]];
		if (old && now && isSame(old, now)) {
			i++;
			j++;
			continue;
		}
		const [skipOld, skipNow] = nextCommon(before, i, after, j);
		for (let step = 0; step < Math.max(skipOld, skipNow); step++) {
			const was = step < skipOld ? before[i + step] : undefined;
			const is = step < skipNow ? after[j + step] : undefined;
			changes.push(itemChange(was, is, ruleOf, before[i]));
		}
		i += skipOld;
		j += skipNow;
	}
	return changes;
}

function isSame(a: Item, b: Item): boolean {
	return a.name === b.name && a.value === b.value;
}

/** How far ahead a difference is looked across; longer ones are told piece by piece. */
const HORIZON = 40;

/** How many items to pass on each side until both go on alike, the least in all. */
function nextCommon(before: readonly Item[], i: number, after: readonly Item[], j: number): [number, number] {
	for (let total = 1; total <= HORIZON; total++) {
		for (let ahead = 0; ahead <= total; ahead++) {
			const [old, now] = [before[i + ahead], after[j + total - ahead]];
			const bothEnd = i + ahead === before.length && j + total - ahead === after.length;
			if (bothEnd || (old && now && isSame(old, now))) return [ahead, total - ahead];
		}
	}
	return [i < before.length ? 1 : 0, j < after.length ? 1 : 0];
}

function itemChange(was: Item | undefined, is: Item | undefined, ruleOf: Explain, anchor: Item | undefined): Change {
	const named = was ?? is;
	const index = named?.message === undefined ? "" : `messages[${named.message}] `;
	const place = `${index}${named?.name ?? ""}`;
	const label = (item: Item | undefined) =>
		item && (item.name === named?.name ? item.value : `${item.name} ${item.value}`);
	const where = { from: was?.message, to: is?.message };
	return { place, ...shown(label(was), label(is)), ...where, rule: ruleOf(place, was ?? anchor) };
}

/** Both values, shortened around the place where they part. */
function shown(before: string | undefined, after: string | undefined): Pick<Change, "before" | "after"> {
	const LENGTH = 72;
	let from = 0;
	if (before !== undefined && after !== undefined) {
		while (from < before.length && before[from] === after[from]) from++;
		from = Math.max(0, from - 24);
		if (Math.max(before.length, after.length) <= LENGTH) from = 0;
	}
	const cut = (text: string | undefined) => {
		if (text === undefined) return undefined;
		const end = from + LENGTH;
		return `${from > 0 ? "…" : ""}${text.slice(from, end)}${text.length > end ? `… (${text.length} characters)` : ""}`;
	};
	return { before: cut(before), after: cut(after) };
}

/** Fields that the wire or a quirk adds, renames or leaves out without a divergence. */
const FIELD_RULES: Readonly<Record<string, string>> = {
	model: "model-mapped",
	max_tokens: "max-tokens, or quirk maxTokensField",
	max_completion_tokens: "quirk maxTokensField",
	stream_options: "quirk streamUsage",
	metadata: "quirk userIdField",
	user: "quirk userIdField",
	user_id: "quirk userIdField",
	thinking: "quirks thinkingOn and thinkingOff",
	output_config: "quirks effortField and responseFormat",
	response_format: "quirk responseFormat",
	parallel_tool_calls: "quirk parallelToolCallsField",
	tool_choice: "quirk toolChoice",
	stop_sequences: "quirk maxStopSequences",
};

function encodeRules(divergences: readonly Divergence[], dialect: string): Explain {
	return (place, item) => {
		const field = place.split(/[.[ ]/, 1)[0] ?? "";
		const named = divergences.find(({ where, seen, kind }) => {
			if (item?.message !== undefined) return where.startsWith(`request.messages[${item.message}]`);
			if (place.startsWith("tools.")) return where === "request.tools" && seen.includes(place.slice("tools.".length));
			return where === `request.${field}` || (kind === "refused-field" && seen.split(", ").includes(field));
		});
		if (named) return named.kind;
		if (place.startsWith("tools.")) return "quirks schemaRemove and schemaRewrite";
		return FIELD_RULES[field] ?? (item ? `wire ${dialect}` : `wire ${dialect}, or quirk extraBody`);
	};
}
