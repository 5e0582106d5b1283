import { describe, expect, test } from "vitest";
import { PROBES } from "../../src/check/probes/index.ts";
import { estimateExpense } from "../../src/check/run/estimate.ts";
import { checkWith, type Defect, keepStateApart } from "../support/check-provider.ts";
import { promptOf } from "../support/honest-model.ts";
import type { ScriptedReply } from "../support/scripted-provider.ts";

keepStateApart();

const WINDOW = 16_384;
const MODEL = { id: "test-model", contextWindow: WINDOW, maxOutput: 2048, vision: true, thinking: "toggle" as const };
const COSTLY = ["single-call", "overflow", "context-recall"];
const RUNS = Number(process.env["CC_ANY_CHECK_RUNS"] ?? 2);

function check(defect: Defect) {
	return checkWith(defect, { only: COSTLY, runs: RUNS, profile: { models: { [MODEL.id]: MODEL } } });
}

const tokensOf = (reply: ScriptedReply) => Number(reply.usage?.["prompt_tokens"]);
const refusal = (message: string, status = 400): ScriptedReply => ({
	status,
	body: JSON.stringify({ error: { message, type: "invalid_request_error" } }),
});
const isRecall = (request: Parameters<Defect>[1]) => promptOf(request).includes("harbour master called");

/** A provider that keeps its window and says so in known words. */
const honest: Defect = (reply) => {
	const tokens = tokensOf(reply);
	if (tokens <= WINDOW) return reply;
	return refusal(
		`This model's maximum context length is ${WINDOW} tokens. However, your messages resulted in ${tokens} tokens.`,
	);
};

/** The honest one, with something else where its window is exceeded. */
const beyond =
	(instead: (reply: ScriptedReply) => ScriptedReply): Defect =>
	(reply) =>
		tokensOf(reply) > WINDOW ? instead(reply) : reply;

test("a good provider with a small window: both claims hold, and the window was really filled", async () => {
	const { score } = await check(honest);
	expect(score.findings).toEqual([]);
	expect(score).toMatchObject({ raw: 1, repaired: 1, grade: "A" });
	const { figures } = score.probes.find(({ name }) => name === "context-recall") ?? {};
	const room = WINDOW - MODEL.maxOutput;
	expect(figures?.["tokens at 50 %"]).toBeGreaterThan(0.48 * room);
	expect(figures?.["tokens at 90 %"]).toBeGreaterThan(0.88 * room);
	expect(figures?.["tokens at 90 %"]).toBeLessThan(0.92 * room);
});

const DEFECTS: readonly (readonly [about: string, defect: Defect, findings: readonly string[]])[] = [
	[
		"what stands early is forgotten beyond 5000 tokens",
		(reply, request, number) => {
			const isForgotten = isRecall(request) && tokensOf(reply) > 5000 && tokensOf(reply) <= WINDOW;
			return isForgotten ? { ...reply, text: "It is not told." } : honest(reply, request, number);
		},
		["context-recall"],
	],
	[
		"an overflow is refused in words that nobody knows",
		beyond(() => refusal("The engine cannot take this.")),
		["overflow"],
	],
	["an overflow is answered as if all of it had been read", beyond((reply) => reply), ["silent-cut"]],
	[
		"an overflow is cut without a word, and the count is of what was left",
		beyond((reply) => ({ ...reply, usage: { ...reply.usage, prompt_tokens: 4096, prompt_tokens_details: {} } })),
		["silent-cut"],
	],
	[
		"the window is smaller than the profile says",
		(reply, request, number) => {
			const small = refusal(`This model's maximum context length is 8192 tokens.`);
			return isRecall(request) && tokensOf(reply) > 8192 ? small : honest(reply, request, number);
		},
		["context-recall"],
	],
];

describe("one defect alone: the check names it and nothing else", () => {
	test.each(DEFECTS)("%s", async (_about, defect, findings) => {
		const { score } = await check(defect);
		expect(score.findings.map(({ name }) => name)).toEqual(findings);
		expect(score.repaired).toBeLessThan(1);
	});
});

test("a model that may answer with the whole window is still asked", async () => {
	const models = { [MODEL.id]: { ...MODEL, maxOutput: WINDOW } };
	const { score } = await checkWith(honest, { only: ["context-recall"], runs: 1, profile: { models } });
	expect(score.findings).toEqual([]);
	expect(score.probes[0]?.figures["tokens at 90 %"]).toBeGreaterThan(0.88 * (WINDOW - 4096));
});

test("the estimate includes a filled window", async () => {
	const probes = PROBES.filter(({ name }) => COSTLY.includes(name));
	const options = { probes, runs: 2, loops: { count: 0, calls: 0 }, claudeCalls: 0, model: MODEL };
	const { inputTokens } = await estimateExpense(options);
	const { expense } = await checkWith(honest, { only: COSTLY, runs: 2, profile: { models: { [MODEL.id]: MODEL } } });
	// What is refused is estimated, but not counted: the provider sends no usage with an error.
	const refused = 2 * 1.3 * WINDOW;
	expect(inputTokens / (expense.inputTokens + refused)).toBeGreaterThan(0.7);
	expect(inputTokens / (expense.inputTokens + refused)).toBeLessThan(1.4);
});
