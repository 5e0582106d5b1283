import { expect, test } from "vitest";
import type { ContentBlock, MessageParam } from "../../src/protocol/messages.ts";
import { isEmptyText, toolResults, toolUses } from "../../src/repairs/tool-history.ts";
import { toolRounds } from "../../src/repairs/tool-rounds.ts";

interface Round {
	name?: string;
	input?: object;
	content?: string | ContentBlock[];
	isError?: boolean;
	/** Follows the result in its turn. */
	after?: string;
}

const runsOf = (...rounds: Round[]) =>
	toolRounds({
		model: "m",
		messages: rounds.flatMap(
			({ name = "Bash", input = { command: "ls" }, content = "ok", isError, after }, index): MessageParam[] => [
				{ role: "assistant", content: [{ type: "tool_use", id: `c${index}`, name, input }] },
				{
					role: "user",
					content: [
						{
							type: "tool_result",
							tool_use_id: `c${index}`,
							content,
							...(isError !== undefined && { is_error: isError }),
						},
						...(after === undefined ? [] : [{ type: "text" as const, text: after }]),
					],
				},
			],
		),
	}).map(({ run }) => run);

const reminder = (text: string) => `<system-reminder>\n${text}\n</system-reminder>`;

test.each<[string, Round[], number[]]>([
	["the same call and result", [{}, {}, {}], [1, 2, 3]],
	["another input", [{}, { input: { command: "pwd" } }, {}], [1, 1, 1]],
	["another name", [{}, { name: "Run" }], [1, 1]],
	["another result", [{}, { content: "no" }, { content: "no" }], [1, 1, 2]],
	["an error", [{}, { isError: true }, { isError: true }], [1, 1, 2]],
	["no error, said or not", [{}, { isError: false }], [1, 2]],
	["white space around the result", [{}, { content: "\nok " }], [1, 2]],
	["a result in blocks", [{}, { content: [{ type: "text", text: "ok" }] }], [1, 2]],
	[
		"a result in two blocks",
		[
			{ content: "a\nb" },
			{
				content: [
					{ type: "text", text: "a" },
					{ type: "text", text: "b" },
				],
			},
		],
		[1, 2],
	],
	[
		"a result with an image",
		[
			{ content: [{ type: "image" } as ContentBlock] },
			{ content: [{ type: "image", x: 1 } as unknown as ContentBlock] },
		],
		[1, 1],
	],
	[
		"a reminder in the result",
		[{ content: `ok${reminder("1")}` }, { content: `ok${reminder("2")}${reminder("3")}` }],
		[1, 2],
	],
	["a reminder after the result", [{ after: reminder("1") }, { after: ` ${reminder("2")}\n` }], [1, 2]],
	["a prompt after the result", [{}, { after: `${reminder("1")} again` }, {}], [1, 1, 2]],
	["a tool that waits", [{ name: "BashOutput" }, { name: "BashOutput" }], [1, 1]],
	["a task that is waited for", [{ name: "TaskOutput" }, { name: "TaskOutput" }], [1, 1]],
	["an agent that is waited for", [{ name: "AgentOutputTool" }, { name: "AgentOutputTool" }], [1, 1]],
	["a monitor", [{ name: "Monitor" }, { name: "Monitor" }], [1, 1]],
	["a command that sleeps", [{ input: { command: "sleep 5" } }, { input: { command: "sleep 5" } }], [1, 1]],
	["a command about sleep", [{ input: { command: "man sleep" } }, { input: { command: "man sleep" } }], [1, 2]],
	["a command of another word", [{ input: { command: "asleep 5" } }, { input: { command: "asleep 5" } }], [1, 2]],
])("how often in a row: %s", (_name, rounds, runs) => {
	expect(runsOf(...rounds)).toEqual(runs);
});

test("a round is a call with its result in the next turn", () => {
	const use = (id: string): ContentBlock => ({ type: "tool_use", id, name: id, input: { id } });
	const result = (id: string): ContentBlock => ({ type: "tool_result", tool_use_id: id, content: id });
	const messages: MessageParam[] = [
		{ role: "user", content: "go" },
		{ role: "assistant", content: [use("a"), use("b"), use("c")] },
		{ role: "user", content: [result("b"), result("a"), result("x")] },
		{ role: "assistant", content: "hm" },
		{ role: "user", content: [result("c")] },
	];
	expect(toolRounds({ model: "m", messages })).toEqual(
		["a", "b"].map((id) => ({ name: id, input: { id }, isError: false, messageIndex: 2, result: result(id), run: 1 })),
	);
	expect(toolUses(messages[1]).map(({ id }) => id)).toEqual(["a", "b", "c"]);
	expect(toolUses({ role: "user", content: [use("a")] })).toEqual([]);
	expect(toolUses(undefined)).toEqual([]);
	expect(toolResults(messages[2])).toHaveLength(3);
	expect(toolResults({ role: "assistant", content: [result("a")] })).toEqual([]);
	expect(toolResults(undefined)).toEqual([]);
});

test("an empty text has no visible character", () => {
	expect(isEmptyText({ type: "text", text: " \n" })).toBe(true);
	expect(isEmptyText({ type: "text" } as ContentBlock)).toBe(true);
	expect(isEmptyText({ type: "text", text: "a" })).toBe(false);
	expect(isEmptyText({ type: "image" } as ContentBlock)).toBe(false);
});

test("the rounds of a long session of large results are found in little time", () => {
	const big = "line 1 at 10:00:01 took 1.2s (pid 4711)\n".repeat(500);
	const rounds = Array.from({ length: 400 }, (_, n): Round => ({ input: { command: `cmd ${n % 8}` }, content: big }));
	const started = performance.now();
	expect(runsOf(...rounds)).toHaveLength(400);
	expect(performance.now() - started).toBeLessThan(3000);
});
