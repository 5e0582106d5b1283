import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { checkWith, type Defect, keepStateApart } from "../support/check-provider.ts";
import type { ScriptedReply } from "../support/scripted-provider.ts";

keepStateApart();

test("a clean provider has no finding and full marks", async () => {
	const { score, expense } = await checkWith();
	expect(score.findings).toEqual([]);
	expect(score.probes.filter(({ repaired }) => repaired.share < 1)).toEqual([]);
	expect(score).toMatchObject({ raw: 1, repaired: 1, grade: "A" });
	expect(expense.requests).toBeGreaterThan(20);
	expect(expense.cost).toBeUndefined(); // no price in the profile: not known, not zero
});

/** Runs of each probe; the figures in docs/checking.md are of 20. */
const RUNS = Number(process.env["CC_ANY_CHECK_RUNS"] ?? 1);

/** The one call of a reply, changed. */
const changed =
	(tool: string, change: (input: Record<string, unknown>) => Record<string, unknown> | string): Defect =>
	(reply) => ({
		...reply,
		...(reply.toolCalls && {
			toolCalls: reply.toolCalls.map((call) =>
				call.name === tool ? { ...call, arguments: change(call.arguments as Record<string, unknown>) } : call,
			),
		}),
	});

const hello = { text: "Good morning!" };
const bash = { toolCalls: [{ name: "Bash", arguments: { command: "expr 17 + 25" } }] };
const limited = { status: 503, body: '{"error":{"message":"Rate limit exceeded: 60 requests per minute."}}' };
const busy = { status: 503, body: '{"error":{"message":"The server is overloaded."}}' };

/** Each defect alone, and the one finding that has to name it. */
const DEFECTS: readonly (readonly [about: string, defect: Defect, finding: string])[] = [
	["no tool is called at all in a first turn", noCallAtFirst, "single-call"],
	["three requests at once are too many", turnAwayMany(), "unavailable: rate-limit"],
	["only the first of parallel calls is made", onlyFirstCall, "parallel-calls"],
	["a failed call is made again", failedCallAgain, "call-after-error"],
	["results are taken in their order, not by id", resultsByOrder, "result-pairing"],
	["long inputs lose their middle", changed("Write", withoutMiddle), "long-arguments"],
	["what is not ASCII is lost", changed("Edit", asciiOnly), "unicode-and-escapes"],
	["a tool without parameters is not called", insteadOf("mcp__tracker__status"), "no-parameter-tool"],
	["a nested field has no value of its enum", changed("TodoWrite", withStatus("started")), "todo-list"],
	["a list is shorter than asked for", changed("TodoWrite", oneTodo), "todo-list"],
	["a list is sent as text", changed("TodoWrite", ({ todos }) => ({ todos: JSON.stringify(todos) })), "tool-input"],
	["objects in objects are flattened", changed("AskUserQuestion", flatOptions), "nested-question"],
	["a field has another value than asked for", changed("mcp__tracker__create_issue", lowPriority), "referenced-schema"],
	["tool_choice with a name is ignored", (reply, request) => (isForced(request) ? hello : reply), "forced-choice"],
	["tool_choice none is ignored", readInSpiteOfNone, "forbidden-choice"],
	["a tool is called where none fits", (reply) => (reply.text === "42" ? bash : reply), "no-tool-needed"],
	["the wrong one of many tools", renamed("delete_invoice", "delete_order"), "forty-tools"],
	["the wrong one of similar tools", renamed("search_files", "search_file"), "similar-names"],
	["an early turn is forgotten", whenText("osprey", { text: "I do not know." }), "long-history"],
	["a system message in the middle is ignored", whenText("Paris. HERON", { text: "Paris." }), "system-in-place"],
	["no call after reasoning", noCallWhenThinking, "call-after-thinking"],
	["no reasoning", ({ reasoning: _, ...reply }) => reply, "thinking-on"],
	["reasoning that cannot be switched off", (reply) => ({ ...reply, reasoning: "Hm." }), "thinking-off"],
	["a result after reasoning is not read", whenText("vermilion", { text: "I cannot tell." }), "thinking-round-trip"],
	["an image is not seen", whenText("Red.", { text: "Blue." }), "image"],
	["a document is not read", whenText("marigold", { text: "There is none." }), "pdf"],
	["prose around structured output", proseAroundJson, "structured-output"],
	["stop sequences are ignored", ignoredStop, "ignored-stop-sequence"],
	[
		"the output limit is not told",
		(reply) => (reply.finish === "length" ? { ...reply, finish: "stop" } : reply),
		"max-tokens",
	],
	["there is no usage", (reply) => ({ ...reply, usage: {} }), "missing-usage"],
	["counts do not grow with the request", smallCount, "usage"],
	["no prefix cache", (reply) => ({ ...reply, usage: { ...reply.usage, prompt_tokens_details: {} } }), "cache-reuse"],
	["the answer comes in one piece", atOnce, "streaming"],
	["calls are written into the text", callsAsText, "leaked-tool-call"],
	["inputs are damaged JSON", changed("Read", (input) => JSON.stringify(input).replace(/}$/, ",}")), "tool-input"],
	["inputs are cut off", changed("Read", (input) => JSON.stringify(input).slice(0, -1)), "tool-input"],
	["every 20th request is turned away", every20th(busy), "unavailable: overloaded"],
	["a rate limit comes as a 503", every20th(limited), "unavailable: rate-limit"],
	["a connection in 20 is dropped", every20th({ drop: true }), "unavailable: network"],
	["ids repeat from turn to turn", withIds(() => "call_00000001"), "repeated-tool-call-id"],
	[
		"the calls of a reply have one id",
		(reply) => (reply.toolCalls?.length === 3 ? withIds(() => "call_1")(reply) : reply),
		"repeated-tool-call-id",
	],
	["another model answers", (reply) => ({ ...reply, model: "other-small" }), "other-model"],
	[
		"counts are negative",
		(reply) => ({ ...reply, usage: { prompt_tokens: -5, completion_tokens: 7 } }),
		"impossible-usage",
	],
	["a required parameter is missing", changed("Edit", ({ old_string: _, ...input }) => input), "missing-parameter"],
	["calls of tools that do not exist", renamedTool("Grep", "SearchFiles"), "tool-not-offered"],
	["images are refused, though the profile says yes", refuseImages, "image"],
	[
		"turns are empty where a tool is needed",
		(reply) => (reply.toolCalls?.[0]?.name === "TodoWrite" ? {} : reply),
		"failed: empty-turn",
	],
	["replies end without a finish reason", (reply) => ({ ...reply, finish: "" }), "missing-finish-reason"],
	[
		"a reply with calls says that the turn is over",
		(reply) => (reply.toolCalls ? { ...reply, finish: "stop" } : reply),
		"stop-reason",
	],
	["the output limit is ignored", ignoredLimit, "output-limit"],
	[
		"characters are damaged in answers",
		({ text, ...reply }) => ({
			...reply,
			...(text !== undefined && { text: text.replace(/[^\x20-\x7e\s]/g, "\ufffd") }),
		}),
		"unicode-text",
	],
	["the first token is slow", slowHello, "first-token"],
	["tokens of the chat template are in the text", whenText("42", { text: "42<|im_end|>" }), "control-token"],
	["reasoning is in the text", whenText("42", { text: "<think>17 + 25.</think>42" }), "think-tag"],
];

describe("a provider with one defect: the check names it and nothing else", { timeout: 60_000 + RUNS * 10_000 }, () => {
	test.each(DEFECTS)("%s", async (_about, defect, finding) => {
		const { score } = await checkWith(defect, { runs: RUNS });
		expect(score.findings.map(({ name }) => name)).toEqual([finding]);
		// A network that drops a connection is no defect of the provider.
		expect(score.raw < 1).toBe(finding !== "unavailable: network");
	});
});

function noCallAtFirst(...[reply, request]: Parameters<Defect>): ScriptedReply {
	return JSON.stringify(request.messages).includes("/repo/src/index.ts") ? { text: "Which file?" } : reply;
}

/** Requests that come together are counted while their replies are held back for a moment. */
function turnAwayMany(): Defect {
	let open = 0;
	return async (reply) => {
		const isTooMany = ++open > 2;
		await delay(40);
		open--;
		return isTooMany ? { status: 429, body: '{"error":{"message":"Too many requests, slow down."}}' } : reply;
	};
}

function every20th(instead: ScriptedReply): Defect {
	return (reply, _request, number) => (number % 20 === 10 ? instead : reply);
}

function withIds(id: () => string): (reply: ScriptedReply) => ScriptedReply {
	return (reply) => ({
		...reply,
		...(reply.toolCalls && { toolCalls: reply.toolCalls.map((call) => ({ ...call, id: id() })) }),
	});
}

function renamedTool(from: string, to: string): Defect {
	return (reply) => ({
		...reply,
		...(reply.toolCalls && {
			toolCalls: reply.toolCalls.map((call) => (call.name === from ? { ...call, name: to } : call)),
		}),
	});
}

function refuseImages(...[reply, request]: Parameters<Defect>): ScriptedReply {
	if (!JSON.stringify(request.messages).includes("image_url")) return reply;
	return { status: 400, body: '{"error":{"message":"This model does not support image input."}}' };
}

function ignoredLimit(...[reply]: Parameters<Defect>): ScriptedReply {
	return reply.finish === "length"
		? { ...reply, finish: "stop", usage: { ...reply.usage, completion_tokens: 600 } }
		: reply;
}

/** Only the answer with tools is late: the other probes would take a minute. */
async function slowHello(...[reply, request]: Parameters<Defect>): Promise<ScriptedReply> {
	const [last] = request.messages.slice(-1);
	if (request.tools?.length && JSON.stringify(last?.content).includes("Say hello.")) await delay(5100);
	return reply;
}

function onlyFirstCall(...[reply]: Parameters<Defect>): ScriptedReply {
	return reply.toolCalls ? { ...reply, toolCalls: reply.toolCalls.slice(0, 1) } : reply;
}

function failedCallAgain(...[reply, request]: Parameters<Defect>): ScriptedReply {
	const last = request.messages.at(-1);
	if (last?.role !== "tool" || !String(last.content).includes("does not exist")) return reply;
	return { toolCalls: [{ name: "Read", arguments: { file_path: "/repo/settings.json" } }] };
}

function resultsByOrder(...[reply, request]: Parameters<Defect>): ScriptedReply {
	const results = request.messages.filter((message) => message.role === "tool");
	return results.length === 2 && reply.text
		? { text: reply.text === results[0]?.content ? String(results[1]?.content) : String(results[0]?.content) }
		: reply;
}

function withoutMiddle(input: Record<string, unknown>): Record<string, unknown> {
	const text = String(input["content"]);
	return { ...input, content: text.slice(0, 1000) + text.slice(-1000) };
}

function withStatus(status: string): (input: Record<string, unknown>) => Record<string, unknown> {
	return ({ todos }) => ({ todos: (todos as object[]).map((todo) => ({ ...todo, status })) });
}

function oneTodo({ todos }: Record<string, unknown>): Record<string, unknown> {
	return { todos: (todos as unknown[]).slice(0, 1) };
}

function flatOptions({ questions }: Record<string, unknown>): Record<string, unknown> {
	const [first] = questions as { options: { label: string }[] }[];
	return { questions: [{ ...first, options: first?.options.map(({ label }) => label) }] };
}

function lowPriority(input: Record<string, unknown>): Record<string, unknown> {
	return { ...input, priority: "low" };
}

function renamed(from: string, to: string): Defect {
	return (reply) => {
		const toolCalls = reply.toolCalls?.map((call) => {
			const isIt = call.name.endsWith(`__${from}`);
			return isIt ? { ...call, name: call.name.replace(from, to) } : call;
		});
		return { ...reply, ...(toolCalls && { toolCalls }) };
	};
}

function whenText(text: string, instead: ScriptedReply): Defect {
	return (reply) => (reply.text === text ? { ...reply, ...instead } : reply);
}

function noCallWhenThinking(...[reply, request]: Parameters<Defect>): ScriptedReply {
	const isIt = reply.reasoning && JSON.stringify(request.messages).includes("parser.ts");
	return isIt ? { text: "I would read it now.", reasoning: "I should read it." } : reply;
}

function proseAroundJson(reply: ScriptedReply): ScriptedReply {
	return reply.text?.startsWith("{") ? { ...reply, text: `Here it is: ${reply.text}` } : reply;
}

function ignoredStop(...[reply, request]: Parameters<Defect>): ScriptedReply {
	return request["stop"] ? { ...reply, text: "alpha beta </block> gamma delta" } : reply;
}

function smallCount(...[reply, request]: Parameters<Defect>): ScriptedReply {
	const isIt = JSON.stringify(request.messages).includes("quick brown fox");
	return isIt ? { ...reply, usage: { prompt_tokens: 12, completion_tokens: 3 } } : reply;
}

function atOnce(reply: ScriptedReply): ScriptedReply {
	return reply.pace && reply.text ? { ...reply, text: reply.text.replaceAll(" ", ",") } : reply;
}

function asciiOnly(input: Record<string, unknown>): Record<string, unknown> {
	const entries = Object.entries(input).map(([key, value]) => [key, String(value).replace(/[^\x20-\x7e\s]/g, "?")]);
	return Object.fromEntries(entries);
}

function insteadOf(tool: string): Defect {
	return (reply) => (reply.toolCalls?.[0]?.name === tool ? { text: "I cannot do that." } : reply);
}

function isForced(request: Parameters<Defect>[1]): boolean {
	return typeof request["tool_choice"] === "object";
}

function readInSpiteOfNone(...[reply, request]: Parameters<Defect>): ScriptedReply {
	if (request["tool_choice"] !== "none") return reply;
	return { toolCalls: [{ name: "Read", arguments: { file_path: "/repo/notes.md" } }] };
}

function callsAsText(...[reply]: Parameters<Defect>): ScriptedReply {
	if (!reply.toolCalls) return reply;
	const calls = reply.toolCalls.map((call) => JSON.stringify({ name: call.name, arguments: call.arguments }));
	return { text: calls.map((text) => `<tool_call>\n${text}\n</tool_call>`).join("\n") };
}
