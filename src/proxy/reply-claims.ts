import { usageFaults } from "../dialects/token-count.ts";
import { isSameModel } from "../profile/model/same-model.ts";
import { endpointKey, type Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { StopReason, Usage } from "../protocol/messages.ts";
import { countedInput } from "./delivery/token-counts.ts";

/** What a provider says of a reply: the model that wrote it, and its counts, with what cannot be true of them. */
export class ReplyClaims {
	model: string | undefined;
	readonly usageFaults = new Set<string>();

	readonly state = (model: unknown, usage: unknown): void => {
		if (typeof model === "string" && model !== "") this.model ??= model;
		if (usage) for (const fault of usageFaults(usage)) this.usageFaults.add(fault);
	};
}

/** A complete reply, as far as the claims about it can be compared with it. */
export interface CountedReply {
	claims: ReplyClaims;
	usage: Partial<Usage> | undefined;
	stopReason: StopReason | null | undefined;
	/** Characters of text, reasoning and tool inputs. */
	contentChars: number;
	/** See `requestLength`. */
	requestChars: number;
	/** The output limit of the request as it was sent. */
	maxOutput: number | undefined;
}

/** Records counts that cannot be, and an output limit that the provider ignored or did not mention. */
export function noteCounts(reply: CountedReply, note: Note): void {
	const { claims, usage, stopReason, contentChars, requestChars, maxOutput } = reply;
	const output = usage?.["estimated"] ? 0 : (usage?.output_tokens ?? 0);
	const input = countedInput(usage);
	const faults = [...claims.usageFaults];
	if (output > 0 && contentChars > MIN_CHARS && contentChars > output * MAX_CHARS_PER_TOKEN) {
		faults.push(`${output} tokens out for ${contentChars} characters`);
	}
	if (input > requestChars * 2 + MAX_HIDDEN_TOKENS) faults.push(`${input} tokens in for ${requestChars} characters`);
	if (faults.length > 0) {
		const done = "recorded: the cost and the size of the conversation are not known";
		note({ kind: "impossible-usage", where: "response.usage", seen: faults.slice(0, 3).join("; "), done });
	}
	if (maxOutput === undefined || output < maxOutput || stopReason === "max_tokens") return;
	const seen = `${output} tokens with a limit of ${maxOutput}, and the stop reason ${stopReason}`;
	note({ kind: "output-limit", where: "response", seen, done: "passed on: the answer may be cut off" });
}

/** Shorter replies prove nothing. */
const MIN_CHARS = 1000;
/** Long runs of spaces are one token. */
const MAX_CHARS_PER_TOKEN = 50;
/** A provider may add instructions and tools of its own to a prompt. */
const MAX_HIDDEN_TOKENS = 50_000;

/** Remembers which model the replies of each target name. */
export class ServedModels {
	readonly #first = new Map<string, string>();

	/** Records a reply that names another model than was asked for; a change in the course of a session is a kind of its own. */
	noteModel(target: Target, { model }: ReplyClaims, note: Note): void {
		if (model === undefined) return;
		const key = endpointKey(target);
		const first = this.#first.get(key) ?? model;
		this.#first.set(key, first);
		// A router chooses a model each time.
		if (isSameModel(target.model, model) || /\b(auto|router)\b/.test(target.model)) return;
		const kind = isSameModel(first, model) ? "other-model" : "model-changed";
		const before = kind === "other-model" ? "" : `, ${first} before`;
		note({ kind, where: "response", seen: `${model} answered for ${target.model}${before}`, done: "passed on" });
	}
}
