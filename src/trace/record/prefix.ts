import { describeDialect } from "../../dialects/describe-dialect.ts";
import { bodyParts, type WireDescription } from "../../dialects/wire-description.ts";
import { isObject, isSameJson, type JsonObject } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";
import { contentBlocks, isText, type MessageRequest, type Usage } from "../../protocol/messages.ts";
import { inputTokens } from "./cost.ts";
import type { ExchangeRecord, PrefixBreak } from "./exchange-record.ts";

/** The last request of one conversation. */
interface Conversation {
	target: string;
	parts: PromptPart[];
	/** System prompt and tools as Claude Code sent them. */
	asked: { system: MessageRequest["system"] | undefined; tools: MessageRequest["tools"] | undefined };
	usage: Partial<Usage> | undefined;
	/** Counts requests, to find the conversation that was used least recently. */
	turn: number;
}

interface PromptPart {
	/** `tools`, `system`, `messages[0]`: the names of the wire. */
	place: string;
	value: unknown;
}

/** The main conversation and the latest subagents. Each keeps its last body in memory. */
const MAX_CONVERSATIONS = 6;
const BILLING_HEADER = "x-anthropic-billing-header";
/** Characters on each side of a difference that are searched for its cause. */
const BILLING_CONTEXT_CHARS = 120;
const DATE_CONTEXT_CHARS = 12;
/** Cache breakpoints move with every turn, and are no part of the prompt. */
const BREAKPOINT = "cache_control";

/** Compares each request, as it was sent, with the one before it in the same conversation. */
export class PrefixWatch {
	readonly #conversations = new Map<string, Conversation>();
	#turns = 0;

	/** The break of this request; undefined when it continues the last one, or is the first. */
	compare(
		record: ExchangeRecord,
		target: Target,
		body: JsonObject,
		{ system, tools }: Pick<MessageRequest, "system" | "tools">,
	): PrefixBreak | undefined {
		const name = conversationOf(record);
		if (name === undefined) return undefined;
		const before = this.#conversations.get(name);
		const wire = describeDialect(target.dialect);
		const parts = promptParts(body, wire);
		const asked = { system, tools };
		const now = { target: `${target.profile}/${target.model}`, parts, asked, usage: record.usage, turn: ++this.#turns };
		if (!before && this.#conversations.size >= MAX_CONVERSATIONS) this.#forgetOldest();
		this.#conversations.set(name, now);
		const found = before && breakBetween(before, now, wire);
		return found && { ...found, ...lossOf(before.usage, record.usage, target) };
	}

	#forgetOldest(): void {
		const [oldest] = [...this.#conversations].sort(([, a], [, b]) => a.turn - b.turn);
		if (oldest) this.#conversations.delete(oldest[0]);
	}
}

/** Compaction continues the main conversation. Titles and web requests have no conversation. */
function conversationOf({ purpose, agent, claudeSession }: ExchangeRecord): string | undefined {
	if (purpose === "subagent") return `agent ${agent}`;
	return purpose === "main" || purpose === "compaction" ? `main ${claudeSession ?? ""}` : undefined;
}

/** The parts of a body in the order in which providers render them into a prompt. */
function promptParts(body: JsonObject, { promptFields, conversationField }: WireDescription): PromptPart[] {
	const fields = promptFields.filter((field) => body[field] !== undefined);
	const conversation = body[conversationField];
	const messages: unknown[] = Array.isArray(conversation) ? conversation : [];
	return [
		...fields.map((place) => ({ place, value: body[place] })),
		...messages.map((value, index) => ({ place: `${conversationField}[${index}]`, value })),
	];
}

function breakBetween(last: Conversation, now: Conversation, wire: WireDescription): PrefixBreak | undefined {
	if (last.target !== now.target) {
		return { place: "model", part: "model", byte: 0, cause: `${last.target} before, ${now.target} now` };
	}
	for (const [index, old] of last.parts.entries()) {
		const part = now.parts[index];
		if (!part) return { place: old.place, part: "history", byte: 0, cause: "the history is shorter" };
		if (part.place === old.place && isSameJson(old.value, part.value, BREAKPOINT)) continue;
		const [before, after] = [textOf(old.value), textOf(part.value)];
		const samePrefix = samePrefixLength(before, after);
		const cause =
			changedTools(old, part, wire) ?? changedPlace(old, part) ?? changedText(part.value, before, after, samePrefix);
		const kind = kindOf(old);
		const byte = Buffer.byteLength(before.slice(0, samePrefix));
		return { place: part.place, part: kind, ...(isOurs(kind, last, now) && { isOurs: true }), byte, cause };
	}
	return undefined;
}

/** Some wires have the system prompt at the beginning of the conversation. */
function kindOf({ place, value }: PromptPart): NonNullable<PrefixBreak["part"]> {
	if (place === "tools") return "tools";
	if (!place.includes("[")) return "system";
	const role = isObject(value) ? value["role"] : undefined;
	return place.endsWith("[0]") && (role === "system" || role === "developer") ? "system" : "history";
}

function isOurs(kind: PrefixBreak["part"], { asked: before }: Conversation, { asked: now }: Conversation): boolean {
	if (kind === "tools") return isSameJson(before.tools, now.tools, BREAKPOINT);
	return kind === "system" && isSameJson(ownSystem(before), ownSystem(now), BREAKPOINT);
}

/** The system prompt without the line that Claude Code changes with every request, which cc-any removes. */
function ownSystem({ system }: Conversation["asked"]): string[] {
	const texts = contentBlocks(system).filter(isText);
	return texts.flatMap(({ text }) => (text?.includes(BILLING_HEADER) ? [] : [text ?? ""]));
}

function textOf(value: unknown): string {
	return JSON.stringify(value, (key, inner) => (key === BREAKPOINT ? undefined : inner));
}

function samePrefixLength(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	let index = 0;
	while (index < length && a.charCodeAt(index) === b.charCodeAt(index)) index++;
	return index;
}

function changedPlace(before: PromptPart, now: PromptPart): string | undefined {
	return before.place === now.place ? undefined : `${now.place} instead of ${before.place}`;
}

function changedTools(before: PromptPart, now: PromptPart, wire: WireDescription): string | undefined {
	if (before.place !== "tools" || now.place !== "tools") return undefined;
	const [old, added] = [toolNames(before.value, wire), toolNames(now.value, wire)];
	const changes = [
		...[...added].filter((name) => !old.has(name)).map((name) => `+${name}`),
		...[...old].filter((name) => !added.has(name)).map((name) => `-${name}`),
	];
	return `tools: ${changes.length > 0 ? changes.join(" ") : "a description, a schema or the order"}`;
}

function toolNames(tools: unknown, wire: WireDescription): Set<string> {
	return new Set(bodyParts({ tools }, wire).flatMap((part) => (part.type === "tool" ? part.name : [])));
}

function changedText(value: unknown, before: string, now: string, samePrefix: number): string {
	const around = (text: string, length: number) => text.slice(Math.max(0, samePrefix - length), samePrefix + length);
	if (around(before, BILLING_CONTEXT_CHARS).includes(BILLING_HEADER)) return "billing line";
	if (/\d{4}-\d{2}-\d{2}|\d{2}:\d{2}/.test(around(now, DATE_CONTEXT_CHARS))) return "a date or time";
	const role = isObject(value) && typeof value["role"] === "string" ? `${value["role"]} message ` : "";
	return `${role}changed, ${before.length} characters before, ${now.length} now`;
}

function lossOf(before: Partial<Usage> | undefined, now: Partial<Usage> | undefined, target: Target): object {
	const read = now?.cache_read_input_tokens;
	if (!before || read === undefined) return {};
	const lostTokens = Math.max(0, inputTokens(before) - read);
	const { input, cacheRead } = target.price ?? {};
	if (input === undefined || cacheRead === undefined) return { lostTokens };
	return { lostTokens, lostCost: (lostTokens * (input - cacheRead)) / 1_000_000 };
}
