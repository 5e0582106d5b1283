import { expect, test } from "vitest";
import { PROBES } from "../../src/check/probes/index.ts";
import { estimateExpense } from "../../src/check/run/estimate.ts";
import { checkWith, type Defect, keepStateApart } from "../support/check-provider.ts";

keepStateApart();

const QUIRKS = ["models", "test-model", "quirks"];

async function lessonsWith(defect: Defect | undefined, only: string[], runs = 3) {
	const { lessons } = await checkWith(defect, { only, runs });
	return lessons.map(({ path, value }) => [path.join("."), value]);
}

test("a clean provider teaches nothing", async () => {
	expect(await lessonsWith(undefined, ["stop-sequence", "forced-choice", "image", "long-arguments"])).toEqual([]);
});

const CASES: readonly (readonly [about: string, probes: string[], defect: Defect, lesson: [string[], unknown]])[] = [
	[
		"stop sequences that are ignored are enforced",
		["stop-sequence"],
		(reply, request) => (request["stop"] ? { ...reply, text: "alpha beta </block> gamma delta" } : reply),
		[[...QUIRKS, "refusedParameters"], ["stop"]],
	],
	[
		"a tool that cannot be forced is not forced",
		["forced-choice", "forbidden-choice"],
		(reply, request) => (typeof request["tool_choice"] === "object" ? { text: "Hello." } : reply),
		[[...QUIRKS, "toolChoice"], "auto-none"],
	],
	[
		"an ignored answer format is requested in words",
		["structured-output"],
		(reply) => (reply.text?.startsWith("{") ? { ...reply, text: "It is severe." } : reply),
		[[...QUIRKS, "responseFormat"], "instruction"],
	],
	[
		"a model that does not see images",
		["image"],
		(reply) => (reply.text === "Red." ? { ...reply, text: "Blue." } : reply),
		[["models", "test-model", "vision"], false],
	],
	[
		"an output limit that the provider names",
		["long-arguments"],
		(reply, request) => {
			if ((request["max_tokens"] as number) <= 4096) return reply;
			const message = "max_tokens is too large: 8192. This model supports at most 4096 completion tokens.";
			return { status: 400, body: JSON.stringify({ error: { message, type: "invalid_request_error" } }) };
		},
		[["models", "test-model", "maxOutput"], 4096],
	],
	[
		"a parameter that is refused by its name is not sent",
		["stop-sequence"],
		(reply, request) => {
			if (!request["stop"]) return reply;
			const error = { message: "Unsupported parameter: 'stop' is not supported with this model.", param: "stop" };
			return { status: 400, body: JSON.stringify({ error: { ...error, code: "unsupported_parameter" } }) };
		},
		[[...QUIRKS, "refusedParameters"], ["stop"]],
	],
	[
		"reasoning that has to come back is sent back",
		["call-after-error"],
		(reply, request) => {
			const isWithout = request.messages.some(
				({ role, ...rest }) => role === "assistant" && !("reasoning_content" in rest),
			);
			if (!isWithout) return reply;
			const message = "The reasoning_content in the thinking mode must be passed back to the API.";
			return { status: 400, body: JSON.stringify({ error: { message, type: "invalid_request_error" } }) };
		},
		[[...QUIRKS, "reasoningRequired"], "always"],
	],
	[
		"calls without a required parameter are requested again",
		["todo-list"],
		(reply) => {
			const toolCalls = reply.toolCalls?.map((call) => ({ ...call, arguments: {} }));
			return { ...reply, ...(toolCalls && { toolCalls }) };
		},
		[[...QUIRKS, "askForMissing"], true],
	],
	[
		"a window that is smaller than the profile says",
		["overflow"],
		(reply) => {
			if (Number(reply.usage?.["prompt_tokens"]) <= 100_000) return reply;
			return { status: 400, body: '{"error":{"message":"This model\'s maximum context length is 100000 tokens."}}' };
		},
		[["models", "test-model", "contextWindow"], 100_000],
	],
];

/** A provider that takes system messages at the beginning alone, asked by a profile that says it takes them anywhere. */
const SYSTEM_ANYWHERE = { quirks: { laterSystem: "system" as const } };
// One that is refused is learned by the proxy itself, kept, and offered for the profile by doctor.
const SYSTEM_DEFECTS: readonly (readonly [string, Defect])[] = [
	["not obeyed", (reply) => (reply.text === "Paris. HERON" ? { ...reply, text: "Paris." } : reply)],
];

test.each(SYSTEM_DEFECTS)("a system message in its place that is %s goes into a reminder", async (_how, defect) => {
	const { lessons } = await checkWith(defect, { only: ["system-in-place"], runs: 3, profile: SYSTEM_ANYWHERE });
	expect(lessons).toMatchObject([{ path: [...QUIRKS, "laterSystem"], value: "reminder", before: "system" }]);
});

test.each(CASES)("%s", async (_about, probes, defect, [path, value]) => {
	expect(await lessonsWith(defect, probes)).toEqual([[path.join("."), value]]);
});

test("a claim that failed sometimes, or in only two runs, teaches nothing", async () => {
	let number = 0;
	const sometimes: Defect = (reply) => (reply.text === "Red." && ++number % 2 ? { ...reply, text: "Blue." } : reply);
	expect(await lessonsWith(sometimes, ["image"], 4)).toEqual([]);
	const always: Defect = (reply) => (reply.text === "Red." ? { ...reply, text: "Blue." } : reply);
	expect(await lessonsWith(always, ["image"], 2)).toEqual([]);
});

test("the estimate sends nothing, knows no price that is not named, and grows with the runs", async () => {
	const model = { id: "test-model", maxOutput: 8192, vision: true, thinking: "toggle" as const };
	const probes = PROBES.filter(({ costly }) => !costly);
	const once = await estimateExpense({ probes, runs: 1, loops: { count: 0, calls: 0 }, claudeCalls: 0, model });
	expect(once.cost).toBeUndefined();
	const price = { input: 1, output: 2 };
	const loops = { count: 1, calls: 60 };
	const thrice = await estimateExpense({ probes, runs: 3, loops, claudeCalls: 0, model: { ...model, price } });
	expect(thrice.cost).toBeGreaterThan(0);
	expect(thrice.inputTokens).toBeGreaterThan(once.inputTokens * 3);
	// What is really sent stays near: within a factor of two.
	const { expense } = await checkWith(undefined, { runs: 1 });
	expect(once.requests / expense.requests).toBeGreaterThan(0.5);
	expect(once.requests / expense.requests).toBeLessThan(2);
	expect(once.inputTokens / expense.inputTokens).toBeGreaterThan(0.5);
	expect(once.inputTokens / expense.inputTokens).toBeLessThan(2);
});
