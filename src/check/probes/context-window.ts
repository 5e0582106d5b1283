import type { Model } from "../../profile/model/profile.ts";
import { inputTokens } from "../../trace/record/cost.ts";
import { classifyFailure } from "../../upstream/failures/classify.ts";
import { plainQuestion } from "../materials/conversation.ts";
import type { Outcome, Probe } from "../probe.ts";
import { failed, hasUsage, judgeText, passed } from "../run/judge.ts";

/** Share of the window that is sent. A larger request is refused by cc-any before it reaches the provider. */
const OVERFLOW_SHARE = 1.3;

export const overflow: Probe = {
	name: "overflow",
	claim: "a conversation that is too long is refused in words that make Claude Code compact",
	weight: 2,
	needs: "context-window",
	costly: true,
	async run(ask) {
		const text = filler((ask.model.contextWindow ?? 0) * OVERFLOW_SHARE * MAX_CHARS_PER_TOKEN);
		const { error, message } = await ask(plainQuestion(`${text}\nSay hello.`));
		if (message) return failed("the provider answered as if it had read the whole conversation");
		return judgeRefusal(error ?? "");
	},
};

/** The message on which Claude Code compacts: `prompt is too long: 210000 tokens > 200000 maximum`. */
function judgeRefusal(error: string): Outcome {
	const match = /prompt is too long(?:.*> (\d+) maximum|\nabout \d+ tokens do not fit the window of (\d+);)?/i.exec(
		error,
	);
	if (!match) return failed(error);
	const known = match[1] ?? match[2];
	// A provider that names its window alone does so in its own words, which follow.
	const contextWindow = known ? Number(known) : classifyFailure({ status: 400, headers: {}, body: error }).maximum;
	return { ...passed(error), ...(contextWindow !== undefined && { evidence: { contextWindow } }) };
}

const SHARES = [0.1, 0.5, 0.9];
/** Reserved for an answer and its reasoning when the model's own limit would fill the window. */
const ANSWER_TOKENS = 4096;

export const contextRecall: Probe = {
	name: "context-recall",
	claim: "a fact near the beginning of a window filled to 10, 50 and 90 % is found",
	weight: 2,
	needs: "context-window",
	requests: SHARES.length,
	costly: true,
	async run(ask) {
		const available = promptTokens(ask.model);
		const figures: Record<string, number> = {};
		const lost: string[] = [];
		let density = MIN_CHARS_PER_TOKEN;
		for (const share of SHARES) {
			const text = filler(available * share * density, "Note: the harbour master is called Quillfeather.", 0.15);
			const answer = await ask(plainQuestion(`${text}\n\nWhat is the harbour master called? The name alone.`));
			const { passed, detail } = judgeText(answer, /Quillfeather/i);
			const used = hasUsage(answer) ? inputTokens(answer.message?.usage) : 0;
			const name = `${share * 100} %`;
			figures[`at ${name}`] = passed ? 1 : 0;
			if (used > 0) figures[`tokens at ${name}`] = used;
			// The provider's own count calibrates the length of the next text.
			if (used > 0 && passed) density = text.length / used;
			if (!passed) lost.push(`${name}: ${detail}`);
		}
		return { passed: lost.length === 0, detail: lost.join("; ") || "found at 10, 50 and 90 %", figures };
	},
};

/** Tokens that a prompt may have. The output limit of some models is their whole window: they get a short answer. */
function promptTokens({ contextWindow = 0, maxOutput = ANSWER_TOKENS }: Model): number {
	return maxOutput <= contextWindow / 2
		? contextWindow - maxOutput
		: contextWindow - Math.min(ANSWER_TOKENS, contextWindow / 2);
}

/** Prose of at least `characters`, no two lines alike, with `line` inserted at a share of its length. */
export function filler(characters: number, line = "", at = 0): string {
	const lines: string[] = [];
	let length = 0;
	for (let number = 1; length < characters; number++) {
		const text = `Entry ${number}: the ship left the harbour on day ${(number * 7) % 365} with ${(number * 13) % 97} crates.`;
		lines.push(text);
		length += text.length + 1;
	}
	if (line) lines.splice(Math.floor(lines.length * at), 0, line);
	return lines.join("\n");
}

/** Characters of this prose per token with the common tokenizers. Its numbers take many tokens. */
export const MIN_CHARS_PER_TOKEN = 3.2;
export const MAX_CHARS_PER_TOKEN = 4.5;
