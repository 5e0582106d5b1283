import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { REPAIR_NAMES } from "../../src/profile/model/repair-names.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { ContentBlock, MessageParam, MessageRequest, StopReason } from "../../src/protocol/messages.ts";
import { requestRepairs, responseRepairs } from "../../src/repairs/index.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { counter, makeTarget } from "../support/fixture.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";

test("the names for `disabledRepairs` are those of the repairs, each of which is described", () => {
	const names = [...requestRepairs, ...responseRepairs].map(({ name }) => name);
	expect([...new Set([...names, "end-loop", "smoothing"])].sort()).toEqual([...REPAIR_NAMES]);
	const page = readFileSync(resolve(import.meta.dirname, "../../docs/repairs.md"), "utf8");
	for (const name of REPAIR_NAMES) expect(page).toContain(name);
});

const user = (content: MessageParam["content"]): MessageParam => ({ role: "user", content });
const assistant = (content: MessageParam["content"]): MessageParam => ({ role: "assistant", content });
const use = (id: string): ContentBlock => ({ type: "tool_use", id, name: "Bash", input: { command: "ls" } });
const result = (id: string, content = "ok"): ContentBlock => ({ type: "tool_result", tool_use_id: id, content });

/** One repair alone: what it makes of the messages, and what it records. */
function apply(name: string, messages: MessageParam[], more: Partial<MessageRequest> = {}) {
	const notes: Divergence[] = [];
	const context = { target: makeTarget("openai-chat"), mintId: counter(), note: (one: Divergence) => notes.push(one) };
	const repair = requestRepairs.find((one) => one.name === name);
	const request = repair?.apply({ model: "m", messages, ...more }, context);
	return { messages: request?.messages, system: request?.system, notes };
}

describe("request repairs: what is changed, and the record of it", () => {
	test("assistant-turns", () => {
		expect(
			apply("assistant-turns", [user("a"), assistant("b"), assistant([use("c")]), assistant("d"), user("e")]),
		).toEqual({
			messages: [user("a"), assistant([text("b"), use("c"), text("d")]), user("e")],
			system: undefined,
			notes: [2, 3].map((index) => ({
				kind: "assistant-turns",
				where: `request.messages[${index}]`,
				seen: "two assistant messages in a row",
				done: "joined",
			})),
		});
		const calm = [assistant("a"), user("b"), assistant("c")];
		expect(apply("assistant-turns", calm)).toEqual({ messages: calm, system: undefined, notes: [] });
	});

	test("billing-line", () => {
		const line = "x-anthropic-billing-header: cc_version=2.1; cch=1;";
		const note = { kind: "billing-line", where: "request.system", seen: "x-anthropic-billing-header", done: "removed" };
		const system = (given: MessageRequest["system"]) => {
			const { system, notes } = apply("billing-line", [], { ...(given !== undefined && { system: given }) });
			return { system, notes };
		};
		expect(system(`${line}\nYou are.`)).toEqual({ system: "You are.", notes: [note] });
		expect(system(`You are.\n${line}`)).toEqual({ system: `You are.\n${line}`, notes: [] });
		expect(system(undefined)).toEqual({ system: undefined, notes: [] });
		const block = (text: string) => ({ type: "text" as const, text, cache_control: { type: "ephemeral" as const } });
		expect(system([block(line), block("You are.")])).toEqual({ system: [block("You are.")], notes: [note] });
		expect(system([block("You are."), block(`${line}\nMore.`)])).toEqual({
			system: [block("You are."), block("More.")],
			notes: [note],
		});
	});

	test("empty-text", () => {
		const note = (index: number) => ({
			kind: "empty-text",
			where: `request.messages[${index}]`,
			seen: "text without content",
			done: "left out",
		});
		expect(
			apply("empty-text", [
				user(" \n"),
				user([text(""), text("a"), result("c", "")]),
				assistant([]),
				assistant([text(" ")]),
				user("b"),
			]),
		).toEqual({
			messages: [user([text("a"), result("c", "")]), user("b")],
			system: undefined,
			notes: [note(0), note(1), note(2), note(3)],
		});
	});

	test.each<[string, MessageParam[], MessageParam[]]>([
		["before an assistant turn", [assistant("a")], [user("Continue."), assistant("a")]],
		[
			"after a system message",
			[{ role: "system", content: "s" }, assistant("a")],
			[{ role: "system", content: "s" }, user("Continue."), assistant("a")],
		],
		[
			"after nothing but system messages",
			[{ role: "system", content: "s" }],
			[{ role: "system", content: "s" }, user("Continue.")],
		],
		["in an empty conversation", [], [user("Continue.")]],
	])("first-user-turn %s", (_name, messages, expected) => {
		expect(apply("first-user-turn", messages)).toEqual({
			messages: expected,
			system: undefined,
			notes: [
				{
					kind: "first-user-turn",
					where: "request.messages",
					seen: "no user turn at the beginning",
					done: "one was added",
				},
			],
		});
		expect(apply("first-user-turn", expected).notes).toEqual([]);
	});

	test("leaked-history", () => {
		const leak = '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>';
		const { messages, notes } = apply("leaked-history", [user(leak), assistant([text(`a${leak}`), use("c")])], {
			tools: sampleRequest.tools ?? [],
		});
		expect(messages).toEqual([user(leak), assistant([text("a"), use("c")])]);
		expect(notes).toEqual([
			{
				kind: "leaked-history",
				where: "request.messages[1]",
				seen: "markup of a tool call",
				done: "left out of the history",
			},
		]);
		expect(apply("leaked-history", [assistant(`${leak}<|im_end|>`)]).messages).toEqual([assistant([text(leak)])]);
	});

	test("misplaced-tool-results", () => {
		const note = (index: number) => ({
			kind: "misplaced-tool-result",
			where: `request.messages[${index}]`,
			seen: "tool result out of place",
			done: "moved after its call",
		});
		const late = [user("a"), assistant([use("c")]), user("b"), assistant("d"), user([result("c")]), assistant("e")];
		expect(apply("misplaced-tool-results", late)).toEqual({
			messages: [user("a"), assistant([use("c")]), user([result("c"), text("b")]), assistant("d"), assistant("e")],
			system: undefined,
			notes: [note(2), note(4)],
		});
		const behindText = [assistant([use("c"), use("d")]), user([text("a"), result("c"), text("b"), result("d")])];
		expect(apply("misplaced-tool-results", behindText)).toEqual({
			messages: [behindText[0], user([result("c"), result("d"), text("a"), text("b")])],
			system: undefined,
			notes: [note(1)],
		});
		const between: MessageParam[] = [assistant([use("c")]), { role: "system", content: "s" }, user([result("c")])];
		expect(apply("misplaced-tool-results", between).messages).toEqual([
			assistant([use("c")]),
			user([result("c")]),
			{ role: "system", content: "s" },
		]);
		const right = [assistant([use("c")]), user([result("c"), result("unknown"), text("a")])];
		expect(apply("misplaced-tool-results", right)).toEqual({ messages: right, system: undefined, notes: [] });
	});

	test("missing-tool-results", () => {
		const answer = (id: string) => ({
			type: "tool_result",
			tool_use_id: id,
			content: "No result of this tool call was recorded: it was interrupted, and may or may not have taken effect.",
			is_error: true,
		});
		const note = (index: number, ...ids: string[]) => ({
			kind: "missing-tool-result",
			where: `request.messages[${index}]`,
			seen: ids.join(", "),
			done: "answered as interrupted",
			data: { toolCalls: ids },
		});
		const turns = [
			assistant([use("a"), use("b")]),
			user([text("x"), result("a")]),
			assistant([use("c")]),
			assistant([use("d"), use("e")]),
		];
		expect(apply("missing-tool-results", turns)).toEqual({
			messages: [
				assistant([use("a"), use("b")]),
				user([result("a"), answer("b") as ContentBlock, text("x")]),
				assistant([use("c")]),
				user([answer("c") as ContentBlock]),
				assistant([use("d"), use("e")]),
				user([answer("d") as ContentBlock, answer("e") as ContentBlock]),
			],
			system: undefined,
			notes: [note(0, "b"), note(2, "c"), note(3, "d", "e")],
		});
	});

	test("orphan-tool-results", () => {
		const turns = [
			user([result("x")]),
			assistant([use("a")]),
			user([text("t"), result("y", ""), result("a", "1"), result("a", "2")]),
		];
		expect(apply("orphan-tool-results", turns)).toEqual({
			messages: [
				user([text("[Result of tool call x]"), text("ok")]),
				assistant([use("a")]),
				user([
					result("a", "1"),
					text("t"),
					text("[Result of tool call y]"),
					text("[Result of tool call a]"),
					text("2"),
				]),
			],
			system: undefined,
			notes: [
				{ kind: "orphan-tool-result", where: "request.messages[0]", seen: "1 without a call", done: "kept as text" },
				{ kind: "orphan-tool-result", where: "request.messages[2]", seen: "2 without a call", done: "kept as text" },
			],
		});
	});

	test("repeated-calls", () => {
		const rounds = (count: number, content = "same") =>
			Array.from({ length: count }, (_, index) => [
				assistant([use(`c${index}`)]),
				user([result(`c${index}`, content), text("")]),
			]).flat();
		const { messages, notes } = apply("repeated-calls", rounds(3));
		const reminder = (run: number) =>
			text(
				`[cc-any: this same call has now returned this same result ${run} times, with nothing new between them. Calling it again will not change it: do something else, or say what is missing.]`,
			);
		expect(messages?.slice(0, 5)).toEqual(rounds(3).slice(0, 5));
		expect(messages?.[5]).toEqual(
			user([{ type: "tool_result", tool_use_id: "c2", content: [text("same"), reminder(3)] }, text("")]),
		);
		expect(notes).toEqual([
			{
				kind: "repeated-call",
				where: "request.messages[5]",
				seen: "Bash: the same call and result, 3 times with nothing new between them",
				done: "reminder added",
			},
		]);
		expect(apply("repeated-calls", rounds(3, "")).messages?.[5]?.content[0]).toEqual({
			type: "tool_result",
			tool_use_id: "c2",
			content: [reminder(3)],
		});
		expect(apply("repeated-calls", rounds(5)).notes[0]?.seen).toContain("5 times");
	});

	test("repeated-tool-ids", () => {
		const turns = [
			assistant([use("c")]),
			user([result("c", "1")]),
			assistant([use("c"), use("d")]),
			user([result("c", "2"), result("d"), result("x")]),
			user("t"),
		];
		expect(apply("repeated-tool-ids", turns)).toEqual({
			messages: [
				turns[0],
				turns[1],
				assistant([use("c_2"), use("d")]),
				user([result("c_2", "2"), result("d"), result("x")]),
				user("t"),
			],
			system: undefined,
			notes: [
				{
					kind: "repeated-tool-id",
					where: "request.messages[2]",
					seen: "c",
					done: "sent as c_2",
					data: { toolCalls: ["c", "c_2"] },
				},
			],
		});
	});

	test("unparsed-tool-input", () => {
		const unparsed = (raw: unknown): ContentBlock =>
			({ ...use("c"), input: { __unparsedToolInput: { raw, len: 1 } } }) as ContentBlock;
		const { messages, notes } = apply("unparsed-tool-input", [
			user("a"),
			assistant([text("b"), unparsed("{x")]),
			assistant([unparsed(5)]),
		]);
		expect(messages).toEqual([
			user("a"),
			assistant([text("b"), { ...use("c"), input: { invalid_json: "{x" } } as ContentBlock]),
			assistant([unparsed(5)]),
		]);
		expect(notes).toEqual([
			{
				kind: "unparsed-tool-input",
				where: "request.messages[1]",
				seen: "tool input that is not JSON",
				done: "sent as invalid_json",
			},
		]);
	});
});

const LS = '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>';

/** All repairs over one reply, and the records. */
const record = (content: ContentBlock[], stop: StopReason = "end_turn", request: Partial<MessageRequest> = {}) =>
	runRepairs(responseRepairs, reply(content, stop), { ...sampleRequest, ...request }).notes;

describe("response repairs: the record", () => {
	test.each<[string, Divergence[], Divergence[]]>([
		[
			"think-tag",
			record([text("<think>a</think>b")]),
			[
				{
					kind: "think-tag",
					where: "response.text",
					seen: "<think>",
					done: "the text between the tags became a thinking block",
				},
			],
		],
		[
			"a lone closing tag",
			record([text("a\n</think>\nb")]),
			[
				{
					kind: "think-tag",
					where: "response.text",
					seen: "</think>",
					done: "left out; what came before it was shown as text",
				},
			],
		],
		[
			"reasoning without an end",
			record([text("<think>a")]).slice(1),
			[
				{
					kind: "think-tag",
					where: "response.text",
					seen: "a",
					done: "reasoning without an end and without an answer: shown as the answer too",
				},
			],
		],
		[
			"duplicated-reasoning",
			record([thinking("b".repeat(200)), text(`${"b".repeat(200)} a`)]).map((note) => ({
				...note,
				seen: note.seen.slice(0, 3),
			})),
			[
				{
					kind: "duplicated-reasoning",
					where: "response.text",
					seen: "bbb",
					done: "left out of the text: it came as reasoning",
				},
			],
		],
		[
			"stop-sequence",
			record([text("a"), text("b STOP c")], "end_turn", { stop_sequences: ["", "STOP"] }),
			[
				{
					kind: "ignored-stop-sequence",
					where: "response.block[1]",
					seen: '"STOP"',
					done: "cc-any ended the reply there; the provider had not stopped",
				},
			],
		],
		[
			"leaked-tool-call",
			record([text(LS)]),
			[
				{
					kind: "leaked-tool-call",
					where: "response.text",
					seen: `hermes: ${LS}`,
					done: "made the tool call toolu_1",
					data: { toolCalls: ["toolu_1"] },
				},
			],
		],
		[
			"a leaked call that also came in its proper form",
			record([text(LS), call("Bash", { command: "ls" })], "tool_use"),
			[
				{
					kind: "leaked-tool-call",
					where: "response.text",
					seen: `hermes: ${LS}`,
					done: "the same call came in its proper form: the text was left out",
				},
			],
		],
		[
			"tool-call-name and tool-input",
			record([text("a"), call("bash", { command: 5 }, "t1")], "tool_use"),
			[
				{
					kind: "tool-call-name",
					where: "response.block[1]",
					seen: "bash",
					done: "called Bash",
					data: { tools: ["bash", "Bash"], toolCalls: ["t1"] },
				},
				{
					kind: "tool-input",
					where: "response.block[1]",
					seen: 'Bash {"command":5}',
					done: "command: 5 to string",
					data: { toolCalls: ["t1"] },
				},
			],
		],
		[
			"a tool input that stays",
			record([call("Bash", [1, 2], "t1")], "tool_use"),
			[
				{
					kind: "tool-input",
					where: "response.block[0]",
					seen: "Bash [1,2]",
					done: "unchanged: not a JSON object",
					data: { toolCalls: ["t1"] },
				},
			],
		],
		[
			"control-token",
			record([text("a<|im_end|><|im_end|>")]),
			[{ kind: "control-token", where: "response.text", seen: "<|im_end|>", done: "left out" }],
		],
		[
			"empty-turn",
			record([thinking("a")]),
			[
				{
					kind: "empty-turn",
					where: "response",
					seen: "reasoning without an answer",
					done: "passed on: it was already shown",
				},
			],
		],
		[
			"a tool call that was announced",
			record([text("a")], "tool_use"),
			[
				{
					kind: "empty-turn",
					where: "response",
					seen: "a tool call was announced, but none came",
					done: "passed on: it was already shown",
				},
			],
		],
	])("%s", (_name, notes, expected) => {
		expect(notes).toEqual(expected);
	});
});

test.each(responseRepairs.map((repair) => [repair.name, repair] as const))(
	"%s ends what follows it, once",
	(_name, repair) => {
		let ends = 0;
		const target = makeTarget("openai-chat");
		const stage = repair.stage({
			request: { ...sampleRequest, stop_sequences: ["STOP"] },
			target: { ...target, quirks: { ...target.quirks, askForMissing: true } },
			mintId: counter(),
			note: () => {},
		})({ push: () => {}, end: () => void ends++ });
		for (const event of reply([text("a")])) stage.push(event);
		expect(ends).toBe(0);
		stage.end();
		expect(ends).toBe(1);
	},
);
