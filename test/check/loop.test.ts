import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { LoopResult } from "../../src/check/loop/run-loop.ts";
import { countVerdicts, degradesAt, runLoop } from "../../src/check/loop/run-loop.ts";
import { LoopSandbox } from "../../src/check/loop/sandbox.ts";
import { createTrail } from "../../src/check/loop/trail.ts";
import type { Answer, Ask } from "../../src/check/run/ask.ts";
import { checkWith, type Defect, keepStateApart } from "../support/check-provider.ts";
import type { ScriptedReply } from "../support/scripted-provider.ts";

keepStateApart();

async function loopWith(defect?: Defect, turns = 60): Promise<LoopResult> {
	const { loops } = await checkWith(defect, { only: [], turns });
	return loops[0] as LoopResult;
}

describe("the trail", () => {
	test.each([4, 5, 6, 7, 60, 61, 200])("of %i calls has exactly that many, each file once", (calls) => {
		const { steps, files } = createTrail(calls, 3);
		expect(steps).toHaveLength(calls);
		const rooms = steps.filter(({ tool }) => tool.name === "Read").map(({ input }) => input["file_path"]?.slice(7));
		expect(new Set(rooms).size).toBe(rooms.length);
		expect(Object.keys(files).sort()).toEqual(["ledger.txt", ...(rooms as string[])].sort());
	});

	test("the same seed creates the same trail, another seed another one", () => {
		expect(createTrail(60, 1)).toEqual(createTrail(60, 1));
		expect(createTrail(60, 1).answer).not.toBe(createTrail(60, 2).answer);
	});
});

describe("the sandbox", () => {
	test("executes calls in its folder, and nowhere else", async () => {
		const sandbox = await LoopSandbox.open({ "a.txt": "one\ntwo\n" });
		const run = (tool: string, input: object) => sandbox.run(tool, input as Record<string, unknown>);
		expect(await run("Read", { file_path: "/trail/a.txt" })).toEqual({ text: "one\ntwo\n", isError: false });
		const edit = { file_path: "/trail/a.txt", old_string: "two", new_string: "$& 2" };
		expect(await run("Edit", edit)).toMatchObject({ isError: false });
		expect(await run("Read", { file_path: "/trail/a.txt" })).toMatchObject({ text: "one\n$& 2\n" });
		expect(await run("Edit", { ...edit, old_string: "three" })).toMatchObject({ isError: true });
		for (const file_path of [
			"/etc/passwd",
			"/trail/../etc/passwd",
			"/trail/..",
			"/trail/.x",
			"a.txt",
			7,
			"/trail/b/c",
		]) {
			expect(await run("Write", { file_path, content: "x" }), String(file_path)).toMatchObject({ isError: true });
		}
		expect(await run("Bash", { command: "ls" })).toMatchObject({ isError: true });
		await sandbox.close();
	});
});

describe("a loop of 60 calls", () => {
	test("an honest model completes it, and no file remains", async () => {
		// Another process may run a loop in the shared temporary folder.
		const folder = mkdtempSync(join(tmpdir(), "cc-any-test-"));
		vi.stubEnv("TMPDIR", folder);
		const loop = await loopWith();
		vi.unstubAllEnvs();
		expect(loop).toMatchObject({ demanded: 60, made: 60, completed: true, end: "completed" });
		expect(countVerdicts(loop.turns)).toEqual({ right: 60, wrong: 0, repeated: 0, invalid: 0, forgotten: 0 });
		expect(loop.turns).toHaveLength(61);
		expect(loop.turns.at(-1)?.cached).toBeGreaterThan(0.8);
		expect(degradesAt(loop.turns)).toBeUndefined();
		expect(readdirSync(folder)).toEqual([]);
		rmdirSync(folder);
	});

	test("the code word is forgotten from the third note on", async () => {
		let recalls = 0;
		const loop = await loopWith((reply) => {
			const [call] = reply.toolCalls ?? [];
			const input = call?.arguments as { file_path?: string } | undefined;
			if (!call || !input?.file_path?.includes("recall") || ++recalls < 3) return reply;
			return { ...reply, toolCalls: [{ ...call, arguments: { ...input, content: "sparrow" } }] };
		});
		expect(recalls).toBeGreaterThan(3);
		expect(countVerdicts(loop.turns)).toMatchObject({ forgotten: recalls - 2, wrong: 0, invalid: 0 });
		expect(loop.made).toBe(60);
	});

	test("from turn 31 on every second call is made twice: that is where it degrades", async () => {
		let last: ScriptedReply | undefined;
		const loop = await loopWith((reply, request) => {
			const made = request.messages.filter((message) => message.role === "assistant").length;
			if (made >= 30 && made % 2 === 0 && last) return last;
			last = reply;
			return reply;
		});
		expect(degradesAt(loop.turns)).toBe(31);
		expect(loop.completed).toBe(false);
		const { repeated, right } = countVerdicts(loop.turns);
		expect(repeated).toBeGreaterThan(0);
		expect(right).toBeGreaterThanOrEqual(30);
	});

	test("a model that gives up, and a provider that fails in the middle", async () => {
		const made = (request: Parameters<Defect>[1]) => request.messages.filter(({ role }) => role === "tool").length;
		const quiet = await loopWith((reply, request) => (made(request) === 12 ? { text: "Shall I go on?" } : reply));
		expect(quiet).toMatchObject({ made: 12, completed: false, end: "ended 48 calls early" });
		const refused = { status: 400, body: '{"error":{"message":"no"}}' };
		const failed = await loopWith((reply, request) => (made(request) === 12 ? refused : reply));
		expect(failed).toMatchObject({ made: 12, completed: false });
		expect(failed.turns.at(-1)?.error).toContain("no");
	});

	test("calls written as text are repaired: each turn says so", async () => {
		const loop = await loopWith((reply) => {
			const [call] = reply.toolCalls ?? [];
			if (!call) return reply;
			return { text: `<tool_call>\n${JSON.stringify({ name: call.name, arguments: call.arguments })}\n</tool_call>` };
		}, 12);
		expect(loop.completed).toBe(true);
		expect(loop.turns.slice(0, -1).every(({ repairs }) => repairs.includes("leaked-tool-call"))).toBe(true);
	});
});

describe("a loop without progress ends", () => {
	/** Reads a file that the trail does not have, each time another one. */
	function wander(): Ask {
		let number = 0;
		const ask = async (): Promise<Answer> => {
			const input = { file_path: `/trail/other-${++number}.txt` };
			const content = [{ type: "tool_use" as const, id: `toolu_${number}`, name: "Read", input }];
			const usage = { input_tokens: 1, output_tokens: 1 };
			const message = { id: "m", type: "message", role: "assistant", model: "m", content, usage };
			const seen = { divergences: [], attempts: 1 };
			const rest = { error: undefined, times: [], sizes: [], duration: 1, seen };
			return { ...rest, message: { ...message, stop_reason: "tool_use", stop_sequence: null } as Answer["message"] };
		};
		const model = { id: "m", vision: false, thinking: "none" as const };
		return Object.assign(ask, { count: async () => undefined, model });
	}
	const loop = (calls: number) => runLoop({ ask: wander(), calls, seed: 1, isRepair: () => false });

	test("after eight wrong calls in a row", async () => {
		const { turns, end, made, completed } = await loop(60);
		expect(turns).toHaveLength(8);
		expect({ end, made, completed }).toEqual({
			end: "the trail was lost after 0 calls",
			made: 0,
			completed: false,
		});
	});

	test("after half as many turns more than the task has calls, and one", async () => {
		const { turns, end } = await loop(4);
		expect(turns).toHaveLength(7);
		expect(end).toBe("no end after 7 turns");
	});
});
