import { isSameJson } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Usage } from "../../protocol/messages.ts";
import { inputTokens } from "./cost.ts";
import type { ExchangeRecord, PrefixBreak } from "./exchange-record.ts";

interface Lane {
	target: string;
	parts: Part[];
	usage: Partial<Usage> | undefined;
	/** When it was used last, counted in requests. */
	turn: number;
}

interface Part {
	place: string;
	value: unknown;
}

/** Conversations that are remembered at once: the main one, and the latest subagents. Each holds its last body. */
const MAX_LANES = 6;
const BILLING = "x-anthropic-billing-header";

/** Compares each request with the one before it in the same conversation, as they were sent. */
export class PrefixWatch {
	readonly #lanes = new Map<string, Lane>();
	#turns = 0;

	/** The break of this request; undefined when it continues the last one, or is the first. */
	compare(record: ExchangeRecord, target: Target, body: Record<string, unknown>): PrefixBreak | undefined {
		const name = laneOf(record);
		if (name === undefined) return undefined;
		const before = this.#lanes.get(name);
		const [place, parts] = [`${target.profile}/${target.model}`, partsOf(body)];
		const lane: Lane = { target: place, parts, usage: record.usage, turn: ++this.#turns };
		if (!before && this.#lanes.size >= MAX_LANES) this.#forgetOldest();
		this.#lanes.set(name, lane);
		const found = before && breakBetween(before, lane);
		return found && { ...found, ...lossOf(before.usage, record.usage, target) };
	}

	#forgetOldest(): void {
		const lanes = [...this.#lanes].sort(([, a], [, b]) => a.turn - b.turn);
		for (const [name] of lanes.slice(0, 1)) this.#lanes.delete(name);
	}
}

/** Compaction continues the main conversation; titles and web requests stand alone. */
function laneOf({ purpose, agent, claudeSession }: ExchangeRecord): string | undefined {
	if (purpose === "subagent") return `agent ${agent}`;
	return purpose === "main" || purpose === "compaction" ? `main ${claudeSession ?? ""}` : undefined;
}

/** The parts of a body in the order in which providers render them into a prompt. */
export function partsOf(body: Record<string, unknown>): Part[] {
	const parts: Part[] = [];
	for (const place of ["tools", "system", "instructions", "systemInstruction"]) {
		if (body[place] !== undefined) parts.push({ place, value: body[place] });
	}
	for (const field of ["messages", "input", "contents"]) {
		const list = body[field];
		if (!Array.isArray(list)) continue;
		for (const [index, value] of list.entries()) parts.push({ place: `${field}[${index}]`, value });
	}
	return parts;
}

/** Cache breakpoints move with every turn, and are no part of the prompt. */
const BREAKPOINT = "cache_control";

function textOf(value: unknown): string {
	return JSON.stringify(value, (key, inner) => (key === BREAKPOINT ? undefined : inner));
}

function breakBetween(last: Lane, now: Lane): PrefixBreak | undefined {
	if (last.target !== now.target) {
		return { place: "model", byte: 0, cause: `${last.target} before, ${now.target} now` };
	}
	for (const [index, old] of last.parts.entries()) {
		const part = now.parts[index];
		if (!part) return { place: old.place, byte: 0, cause: "the history is shorter" };
		if (part.place === old.place && isSameJson(old.value, part.value, BREAKPOINT)) continue;
		const [before, after] = [textOf(old.value), textOf(part.value)];
		const units = samePrefix(before, after);
		const cause =
			old.place === part.place ? causeOf(part.place, before, after, units) : `${part.place} instead of ${old.place}`;
		return { place: part.place, byte: Buffer.byteLength(before.slice(0, units)), cause };
	}
	return undefined;
}

function samePrefix(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	let index = 0;
	while (index < length && a.charCodeAt(index) === b.charCodeAt(index)) index++;
	return index;
}

function causeOf(place: string, before: string, now: string, units: number): string {
	if (place === "tools") return toolChanges(before, now);
	if (before.slice(Math.max(0, units - 120), units + 120).includes(BILLING)) return "billing line";
	const around = now.slice(Math.max(0, units - 12), units + 12);
	if (/\d{4}-\d{2}-\d{2}|\d{2}:\d{2}/.test(around)) return "a date or time";
	return `${roleOf(now)}changed, ${before.length} characters before, ${now.length} now`;
}

function roleOf(text: string): string {
	const role = /^\{"role":"(\w+)"/.exec(text)?.[1];
	return role ? `${role} message ` : "";
}

function toolChanges(before: string, now: string): string {
	const [old, added] = [toolNames(before), toolNames(now)];
	const changes = [
		...[...added].filter((name) => !old.has(name)).map((name) => `+${name}`),
		...[...old].filter((name) => !added.has(name)).map((name) => `-${name}`),
	];
	return `tools: ${changes.length > 0 ? changes.join(" ") : "a description, a schema or the order"}`;
}

function toolNames(text: string): Set<string> {
	type Named = { name?: string; function?: { name?: string }; functionDeclarations?: Named[] };
	const tools = (JSON.parse(text) as Named[]).flatMap((tool) => tool.functionDeclarations ?? tool);
	return new Set(tools.map((tool) => tool.name ?? tool.function?.name ?? "?"));
}

function lossOf(before: Partial<Usage> | undefined, now: Partial<Usage> | undefined, target: Target): object {
	const read = now?.cache_read_input_tokens;
	if (!before || read === undefined) return {};
	const lostTokens = Math.max(0, inputTokens(before) - read);
	const { input, cacheRead } = target.price ?? {};
	if (input === undefined || cacheRead === undefined) return { lostTokens };
	return { lostTokens, lostCost: (lostTokens * (input - cacheRead)) / 1_000_000 };
}
