import { writeFileAtomic } from "../platform/atomic-write.ts";
import { counted, dollars, percent, tokens } from "../platform/figures.ts";
import { printableLine } from "../platform/printable.ts";
import { destinationOf, modelOf, type Profile, profilesInPlay } from "../profile/model/profile.ts";
import { ruleOf } from "../trace/explain/rules/index.ts";
import { inputTokens } from "../trace/record/cost.ts";
import type { ExchangeRecord } from "../trace/record/exchange-record.ts";

/** Plain ASCII on Windows: PowerShell reads and prints the file in the code page of the console. */
const SEPARATOR = process.platform === "win32" ? " | " : " · ";

/** What a status line shows. */
interface Figures {
	/** The last exchange of the conversation itself. */
	latest: ExchangeRecord | undefined;
	input: number;
	cached: number;
	cost: number | undefined;
	/** Some of the cost is unknown. */
	unpriced: boolean;
	repairs: number;
	retries: number;
	/** Class of the failure that requests wait for at this moment. */
	waitingFor: string | undefined;
}

/** Keeps the text file of a run's status line up to date. */
export class StatusLine {
	readonly #file: string;
	readonly #profile: Profile;
	readonly #figures: Figures = {
		latest: undefined,
		input: 0,
		cached: 0,
		cost: undefined,
		unpriced: false,
		repairs: 0,
		retries: 0,
		waitingFor: undefined,
	};

	/** Writes the first text, before any exchange. */
	constructor(file: string, profile: Profile) {
		this.#file = file;
		this.#profile = profile;
		this.#write();
	}

	/** Adds an exchange that has ended. */
	observe(record: ExchangeRecord): void {
		if (record.purpose === "count") return;
		const figures = this.#figures;
		const input = inputTokens(record.usage);
		figures.input += input;
		figures.cached += record.usage?.cache_read_input_tokens ?? 0;
		if (record.cost !== undefined) figures.cost = (figures.cost ?? 0) + record.cost;
		else if (input > 0) figures.unpriced = true;
		for (const { kind } of record.divergences) {
			if (kind === "retry") figures.retries++;
			else if (kind !== "fallback" && kind !== "brake" && kind !== "route-changed" && !ruleOf(kind)?.routine)
				figures.repairs++;
		}
		if (record.purpose === "main" && record.servedModel && record.usage) figures.latest = record;
		this.#write();
	}

	/** Requests wait inside cc-any, for the end of a failure of this class; undefined: none waits. */
	wait(failureClass: string | undefined): void {
		this.#figures.waitingFor = failureClass;
		this.#write();
	}

	/** Atomic, so that `cat` never prints half a line. */
	#write(): void {
		try {
			writeFileAtomic(this.#file, `${printableLine(statusText(this.#profile, this.#figures))}\n`);
		} catch {
			// A full disk costs the status line, never an exchange.
		}
	}
}

/** `deepseek/deepseek-v4-pro · 34k of 1.0M (3 %) · $0.41 · 88 % cached · 61 tokens/s · 2 repairs · 1 retry`. */
export function statusText(profile: Profile, figures: Figures): string {
	const { latest } = figures;
	const wanted = latest?.requestedModel ?? profile.tiers.opus;
	const served = latest ? `${latest.profile}/${latest.servedModel}` : `${profile.name}/${wanted}`;
	const { waitingFor } = figures;
	const parts = [
		waitingFor !== undefined && `waiting: ${waitingFor}`,
		`${served}${latest ? reasonText(latest, profile) : ""}`,
		latest?.key !== undefined && `key ${latest.key}`,
		contextText(profile, latest),
		costText(figures),
		latest?.budget !== undefined && `budget ${latest.budget}`,
		figures.input > 0 && `${percent(figures.cached, figures.input)} cached`,
		latest?.tokensPerSecond !== undefined && `${Math.round(latest.tokensPerSecond)} tokens/s`,
		figures.repairs > 0 && counted(figures.repairs, "repair"),
		figures.retries > 0 && counted(figures.retries, "retry", "retries"),
	];
	return parts.filter(Boolean).join(SEPARATOR);
}

/** Why another model served than the one of the tier. */
function reasonText(latest: ExchangeRecord, profile: Profile): string {
	const ruled = latest.divergences.find(({ kind }) => kind === "routed");
	if (ruled && !latest.divergences.some(({ kind }) => kind === "fallback")) {
		return ruled.data?.route === "images" ? " (for images)" : " (for long requests)";
	}
	if (latest.divergences.some(({ kind }) => kind === "fallback-ended")) return " (again, after a fallback)";
	return fellBack(latest, profile) ? " (fallback)" : "";
}

/** Whether another profile served than the requested one: a fallback that is held for a while is not in the record. */
function fellBack({ profile, requestedModel, divergences }: ExchangeRecord, chosen: Profile): boolean {
	const asked = destinationOf(chosen, requestedModel)?.profile ?? chosen;
	return profile !== asked.name || divergences.some(({ kind }) => kind === "fallback");
}

/** Tokens of the last exchange, and the context window of the model that served it. */
function contextText(profile: Profile, latest: ExchangeRecord | undefined): string {
	const owner = profilesInPlay(profile).find(({ name }) => name === latest?.profile) ?? profile;
	const window = modelOf(owner, latest?.servedModel ?? profile.tiers.opus).contextWindow;
	const used = latest && inputTokens(latest.usage) + (latest.usage?.output_tokens ?? 0);
	if (used === undefined) return window === undefined ? "" : `window ${tokens(window)}`;
	if (window === undefined) return `${tokens(used)}, window unknown`;
	return `${tokens(used)} of ${tokens(window)} (${percent(used, window)})`;
}

function costText({ cost, unpriced }: Figures): string {
	if (cost === undefined) return unpriced ? "cost unknown" : "";
	return `${dollars(cost)}${unpriced ? " and more of unknown price" : ""}`;
}
