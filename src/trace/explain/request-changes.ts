import { describeDialect } from "../../dialects/describe-dialect.ts";
import { bodyParts, type WireDescription } from "../../dialects/wire-description.ts";
import type { JsonObject } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Divergence } from "../../protocol/divergence.ts";
import { mintId } from "../../protocol/mint-id.ts";
import { requestRepairs } from "../../repairs/index.ts";
import type { StoredAttempt, StoredExchange } from "../store/read-store.ts";
import { diffItems, type Item, type ItemDifference } from "./diff-items.ts";

/** One thing in which the request that was sent differs from the one that Claude Code made. */
export interface RequestChange {
	/** `max_tokens`, `tools.Bash`, `messages[4] user: text`. */
	place: string;
	/** Shortened; undefined when it was not there. */
	before: string | undefined;
	after: string | undefined;
	/** Index of its message before and after; absent for fields and tools. */
	from?: number | undefined;
	to?: number | undefined;
	/** Name of the tool that changed; absent for anything else. */
	tool?: string;
	/** What made the change: a repair, a kind of divergence, a quirk, or the wire. */
	rule: string;
}

/** A request body taken apart, so that bodies of different wires can be compared. */
interface Facts {
	/** Settings as JSON, by name. */
	fields: Map<string, string>;
	/** Offered tools by name: description and schema. */
	tools: Map<string, string>;
	items: Item[];
}

/** The body of Claude Code's own requests. */
const CLIENT_WIRE = describeDialect("anthropic");

/** Every difference between Claude Code's request and the one that was sent, with the rule that made it. */
export function requestChanges({ request, record }: StoredExchange, attempt: StoredAttempt): RequestChange[] {
	const { target, outgoing } = attempt;
	if (!outgoing) return [];
	const changes: RequestChange[] = [];
	let current = request;
	for (const repair of requestRepairs) {
		if (target.disabledRepairs.includes(repair.name)) continue;
		const repaired = repair.apply(current, { target, mintId, note: () => {} });
		if (repaired !== current) {
			const [before, after] = [factsOf(current, CLIENT_WIRE), factsOf(repaired, CLIENT_WIRE)];
			changes.push(...compare(before, after, () => repair.name));
		}
		current = repaired;
	}
	const sent = factsOf(outgoing.body, describeDialect(target.dialect));
	changes.push(...compare(factsOf(current, CLIENT_WIRE), sent, encodeRules(record?.divergences ?? [], target)));
	return changes;
}

function factsOf(body: JsonObject, wire: WireDescription): Facts {
	const facts: Facts = { fields: new Map(), tools: new Map(), items: [] };
	let message = 0;
	const system: Item[] = [];
	for (const part of bodyParts(body, wire)) {
		if (part.type === "field") facts.fields.set(part.name, JSON.stringify(part.value));
		if (part.type === "tool") {
			facts.tools.set(part.name, JSON.stringify({ description: part.description, schema: part.schema }));
		}
		if (part.type === "system") {
			system.push(...part.texts.map((value) => ({ name: "system", value, message: undefined })));
		}
		if (part.type === "message") {
			const index = message++;
			for (const { name, value } of part.items) {
				facts.items.push({ name: itemName(part.role, name), value, message: index });
			}
		}
	}
	// Wires have the system prompt before or after the conversation.
	return { ...facts, items: joinTexts([...system, ...facts.items]) };
}

/** Some wires give tool results a role of their own, and the system prompt a place among the messages. */
function itemName(role: string, name: string): string {
	if (role === "system" && name === "text") return "system";
	return `${name === "tool_result" ? "user" : role}: ${name}`;
}

/** Consecutive texts of one kind in a message are one text: wires join them with different white space. */
function joinTexts(items: readonly Item[]): Item[] {
	const result: Item[] = [];
	for (const item of items) {
		const last = result.at(-1);
		const isSamePlace = last?.name === item.name && (item.name === "system" || last.message === item.message);
		const value = item.value.replace(/\s+/g, " ").trim();
		if (last && isSamePlace && /(^system|: text)$/.test(item.name)) last.value = `${last.value} ${value}`.trim();
		else result.push({ ...item, value });
	}
	return result;
}

/** What changed: a field or tool by its name, or an item of the conversation. */
interface Subject {
	field?: string;
	tool?: string;
	message?: number | undefined;
}

type RuleFor = (subject: Subject) => string;

function compare(before: Facts, after: Facts, ruleFor: RuleFor): RequestChange[] {
	const fields = changedEntries(before.fields, after.fields).map(([field, values]) => {
		return { place: field, ...values, rule: ruleFor({ field }) };
	});
	const tools = changedEntries(before.tools, after.tools).map(([tool, values]) => {
		return { place: `tools.${tool}`, tool, ...values, rule: ruleFor({ tool }) };
	});
	const items = diffItems(before.items, after.items).map((difference) => itemChange(difference, ruleFor));
	return [...fields, ...tools, ...items];
}

type Values = Pick<RequestChange, "before" | "after">;

function changedEntries(before: Map<string, string>, after: Map<string, string>): [name: string, values: Values][] {
	const names = [...new Set([...before.keys(), ...after.keys()])];
	const changed = names.filter((name) => before.get(name) !== after.get(name));
	return changed.map((name) => [name, shorten(before.get(name), after.get(name))]);
}

function itemChange({ before, after, anchor }: ItemDifference, ruleFor: RuleFor): RequestChange {
	const named = before ?? after;
	const index = named?.message === undefined ? "" : `messages[${named.message}] `;
	const label = (item: Item | undefined) =>
		item && (item.name === named?.name ? item.value : `${item.name} ${item.value}`);
	const subject = before ?? anchor;
	return {
		place: `${index}${named?.name ?? ""}`,
		...shorten(label(before), label(after)),
		from: before?.message,
		to: after?.message,
		rule: ruleFor(subject ? { message: subject.message, ...(isSystem(subject) && { field: "system" }) } : {}),
	};
}

function isSystem({ name, message }: Item): boolean {
	return name === "system" && message === undefined;
}

/** Longest value that is shown, and how much of it comes before the first difference, in characters. */
const MAX_SHOWN_CHARS = 72;
const CONTEXT_CHARS = 24;

/** Both values, shortened to the characters around their first difference. */
function shorten(before: string | undefined, after: string | undefined): Values {
	let from = 0;
	if (before !== undefined && after !== undefined && Math.max(before.length, after.length) > MAX_SHOWN_CHARS) {
		while (from < before.length && before[from] === after[from]) from++;
		from = Math.max(0, from - CONTEXT_CHARS);
	}
	const cut = (text: string | undefined) => {
		if (text === undefined) return undefined;
		const end = from + MAX_SHOWN_CHARS;
		return `${from > 0 ? "…" : ""}${text.slice(from, end)}${text.length > end ? `… (${text.length} characters)` : ""}`;
	};
	return { before: cut(before), after: cut(after) };
}

/** Names the divergence that was recorded for a change, else the quirk or the wire that makes it. */
function encodeRules(divergences: readonly Divergence[], { dialect }: Target): RuleFor {
	const { fieldSources } = describeDialect(dialect);
	return ({ field = "", tool, message }) => {
		const setting = field.split(".", 1)[0];
		const recorded = divergences.find(({ where, data }) => {
			if (message !== undefined) return isWithin(where, `request.messages[${message}]`);
			if (tool !== undefined) return data?.tools?.includes(tool);
			return where === `request.${setting}` || data?.fields?.includes(field);
		});
		if (recorded) return recorded.kind;
		if (tool !== undefined) return "quirks schemaRemove and schemaRewrite";
		const source = fieldSources[field] ?? CLIENT_WIRE.fieldSources[field];
		return source ?? (field === "" || field === "system" ? `wire ${dialect}` : `wire ${dialect}, or quirk extraBody`);
	};
}

function isWithin(where: string, place: string): boolean {
	return where === place || where.startsWith(`${place}.`) || where.startsWith(`${place}[`);
}
