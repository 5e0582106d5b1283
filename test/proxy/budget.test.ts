import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Budget as Limits } from "../../src/profile/model/budget.ts";
import type { Profile } from "../../src/profile/model/profile.ts";
import { Budget } from "../../src/proxy/budget/budget.ts";
import { DayLog } from "../../src/proxy/budget/day-log.ts";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { Cancellation } from "../../src/upstream/http/cancellation.ts";
import { type Behaviour, chatChunk, chatStream, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

/** 60,000 tokens at 3 dollars per million, 100,000 read from the cache at 0.3, 40,000 written to it at 3.75, 50,000 out at 15: 1.11 dollars. */
const USAGE = {
	prompt_tokens: 200_000,
	completion_tokens: 50_000,
	prompt_tokens_details: { cached_tokens: 100_000, cache_write_tokens: 40_000 },
};
const PRICE = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
const COST = 1.11;

function folder(): string {
	const made = mkdtempSync(join(tmpdir(), "cc-any-spending-"));
	onTestFinished(() => rmSync(made, { recursive: true, force: true }));
	return made;
}

async function setup(budget: Limits, more: Partial<Profile> = {}, spendingFolder?: string) {
	const usage = `data: ${JSON.stringify({ id: "c1", choices: [], usage: USAGE })}\n\n`;
	const stream = chatStream({ content: "fine" }).toSpliced(-1, 0, usage);
	const server = await startFaultServer([{ stream, pause: 5 }]);
	const records: ExchangeRecord[] = [];
	const announced: string[] = [];
	const base = testProfile(server.url);
	const models = {
		"test-model": {
			...base.models["test-model"],
			id: "test-model",
			vision: true,
			thinking: "none" as const,
			price: PRICE,
		},
	};
	const profile = testProfile(server.url, { budget, models, ...more });
	const proxy = await startProxy({
		profile,
		onExchange: (record) => records.push(record),
		onAnnouncement: (text) => announced.push(text),
		spendingFolder,
	});
	onTestFinished(() => proxy.close().then(() => server.close()));
	const ask = (options: { tools?: boolean; agent?: string } = {}) => {
		const tools = [{ name: "Bash", input_schema: { type: "object" as const } }];
		const headers = {
			"user-agent": "claude-cli/2.1.332 (external, cli)",
			...(options.agent && { "x-claude-code-agent-id": options.agent }),
		};
		return sdkClient(proxy)
			.messages.stream({ ...ASK, ...(options.tools && { tools }) }, { headers })
			.finalMessage();
	};
	return { server, records, announced, ask };
}

test("to the cent: a warning at 80 %, a stop after the limit, and nothing is sent any more", async () => {
	const run = await setup({ dollars: 4 });
	for (let n = 1; n <= 4; n++) await run.ask();
	expect(run.records.map(({ budget }) => budget)).toEqual(
		[1, 2, 3, 4].map((n) => `$${(n * COST).toFixed(2)} of $4.00 this session`),
	);
	expect(
		run.records.map(({ divergences }) => divergences.filter(({ kind }) => kind === "budget-warning").length),
	).toEqual([0, 0, 1, 0]);
	expect(run.announced).toEqual(["$3.33 of $4.00 are used this session; cc-any refuses requests at $4.00"]);
	await expect(run.ask()).rejects.toMatchObject({
		status: 402,
		message: expect.stringContaining("the budget is used up: $4.44 of $4.00 this session (limits.dollars)"),
	});
	expect(run.server.requests).toHaveLength(4);
	expect(run.records.at(-1)).toMatchObject({ failureClass: "budget", attempts: 0 });
});

test("the warning comes before the next turn of a session, once", async () => {
	const run = await setup({ dollars: 2 });
	const texts: string[] = [];
	for (let n = 1; n <= 2; n++) {
		const { content } = await run.ask({ tools: true });
		texts.push(...content.flatMap((block) => (block.type === "text" ? block.text : [])));
	}
	expect(texts).toEqual(["fine", "fine"]);
	const warned = await setup({ dollars: 2.5 });
	const all: string[] = [];
	for (let n = 1; n <= 3; n++) {
		const { content } = await warned.ask({ tools: true });
		all.push(content.flatMap((block) => (block.type === "text" ? block.text : [])).join("|"));
	}
	expect(all).toEqual([
		"fine",
		"fine",
		"[cc-any: $2.22 of $2.50 are used this session; cc-any refuses requests at $2.50]|fine",
	]);
});

test("tokens: all of a reply, cached or not; subagents count", async () => {
	const run = await setup({ tokens: 500_000 });
	await run.ask();
	await run.ask({ agent: "a1" });
	await expect(run.ask()).rejects.toThrow("500k tokens of 500k tokens this session (limits.tokens)");
});

test("parallel requests do not all pass a budget that is nearly used up", async () => {
	const run = await setup({ dollars: 1 });
	const settled = await Promise.allSettled(Array.from({ length: 8 }, () => run.ask()));
	expect(settled.filter(({ status }) => status === "fulfilled")).not.toHaveLength(0);
	// Nothing is known of the first ones: they are small. Whatever passed is counted.
	const cost = settled.filter(({ status }) => status === "fulfilled").length * COST;
	expect(run.records.findLast(({ budget }) => budget !== undefined)?.budget).toContain(`$${cost.toFixed(2)} of`);
	await expect(run.ask()).rejects.toThrow("used up");
});

test("near the limit a request waits for the one under way, and is refused when that has used the rest", async () => {
	const budget = new Budget({ profile: "p", limits: { tokens: 1000 } });
	const signal = new Cancellation();
	const first = await budget.book(4000, undefined, { signal });
	const second = budget.book(40, undefined, { signal });
	const isWaiting = await Promise.race([second.then(() => false), Promise.resolve(true)]);
	expect(isWaiting).toBe(true);
	if (!("count" in first)) throw new Error("refused");
	first.count({ input_tokens: 990, output_tokens: 20 }, { profile: "p", model: "m", price: undefined });
	first.end();
	expect(await second).toMatchObject({ class: "budget" });
});

test("a request that is aborted while it waits for room stops at once, and one that is part of another does not wait", async () => {
	const budget = new Budget({ profile: "p", limits: { tokens: 1000 } });
	const signal = new Cancellation();
	await budget.book(4000, undefined, { signal });
	const waiting = budget.book(40, undefined, { signal });
	expect(await budget.book(40, undefined, { signal: new Cancellation(), isPart: true })).toHaveProperty("count");
	signal.abort(new Error("gone"));
	await expect(waiting).rejects.toThrow("gone");
});

describe("a reply that does not arrive whole counts too", () => {
	const text = "x".repeat(40_000);
	const usage = `data: ${JSON.stringify({ id: "c1", choices: [], usage: USAGE })}\n\n`;
	const whole: Behaviour = { stream: chatStream({ content: "fine" }).toSpliced(-1, 0, usage) };
	/** The budget after one request; its tokens where the provider counted one reply are 250k. */
	const records: ExchangeRecord[] = [];
	async function budgetAfter(script: Behaviour[], request: object = {}): Promise<string | undefined> {
		records.length = 0;
		const server = await startFaultServer(script);
		const profile = testProfile(server.url, { budget: { tokens: 10_000_000 } });
		const proxy = await startProxy({ profile, onExchange: (record) => records.push(record) });
		onTestFinished(() => proxy.close().then(() => server.close()));
		const stream = sdkClient(proxy).messages.stream({ ...ASK, ...request } as typeof ASK);
		await stream.finalMessage().catch(() => undefined);
		return records.at(-1)?.budget;
	}

	test("one that broke off after its first text, with an estimate", async () => {
		const broken: Behaviour = { stream: [chatChunk({ content: text })], after: "reset", pause: 50 };
		expect(await budgetAfter([broken])).toBe("10k tokens of 10M tokens this session");
		const estimate = records.at(-1)?.divergences.find(({ kind }) => kind === "budget-estimated");
		expect(estimate?.done).toMatch(/^counted as about 10\d{3} tokens$/);
	});

	test("one that broke off before it was shown, beside the one that was sent again", async () => {
		const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [] };
		const usage = { input_tokens: 150_000, output_tokens: 1 };
		const start = { type: "message_start", message: { ...message, usage } };
		const broken: Behaviour = {
			stream: [`event: message_start\ndata: ${JSON.stringify(start)}\n\n`],
			after: "reset",
			pause: 50,
		};
		expect(await budgetAfter([broken, whole])).toBe("400k tokens of 10M tokens this session");
		expect(records.at(-1)?.divergences.map(({ kind }) => kind)).not.toContain("budget-estimated");
	});

	test("one that a repair discarded: a call instead of the summary", async () => {
		const call = { tool_calls: [{ index: 0, id: "c1", function: { name: "Bash", arguments: "{}" } }] };
		const discarded: Behaviour = { stream: [chatChunk({ content: text.slice(0, 300) }), chatChunk(call)] };
		const tools = [{ name: "Bash", input_schema: { type: "object" as const } }];
		const content = `CRITICAL: Respond with TEXT ONLY. ${text}`;
		const budget = await budgetAfter([discarded, whole], { tools, messages: [{ role: "user", content }] });
		// The prompt is about 10k tokens, and the provider counted 250k for the second reply.
		expect(budget).toBe("260k tokens of 10M tokens this session");
	});
});

test("an unknown price is said and counts nothing", async () => {
	const run = await setup({ dollars: 1 }, { models: {} });
	await run.ask();
	await run.ask();
	expect(run.records[0]?.divergences.map(({ kind }) => kind)).toContain("budget-unpriced");
	expect(run.records[1]?.budget).toBe("$0.00 of $1.00 this session");
});

test("the day counts over runs and processes, for this profile, in a private file", async () => {
	const spending = folder();
	const before = await setup({ perDay: { dollars: 2 } }, {}, spending);
	await before.ask();
	const [file = ""] = readdirSync(spending);
	expect(statSync(join(spending, file)).mode & 0o777).toBe(0o600);
	// Another process, a torn line, another profile.
	appendFileSync(
		join(spending, file),
		'{"profile":"test","dollars":0.5,"tokens":1}\n{"profile":"te\n{"profile":"other","dollars":9,"tokens":9}\n',
	);
	const after = await setup({ perDay: { dollars: 2 } }, {}, spending);
	await after.ask();
	expect(after.records[0]?.budget).toBe(`$${(2 * COST + 0.5).toFixed(2)} of $2.00 today`);
	await expect(after.ask()).rejects.toThrow(
		/\$2\.72 of \$2\.00 today \(limits\.perDay\.dollars\).*wait until tomorrow/s,
	);
	expect(readFileSync(join(spending, file), "utf8")).not.toMatch(/Hello|key/);
});

test("a new day begins with nothing, and old days are removed", () => {
	const spending = folder();
	const log = new DayLog(spending, "p");
	for (let day = 1; day <= 40; day++) log.add({ dollars: 1, tokens: 1 }, new Date(2026, 0, day));
	expect(readdirSync(spending)).toHaveLength(31);
	expect(log.total(new Date(2026, 0, 40)).dollars).toBe(1);
	expect(log.total(new Date(2026, 0, 41)).dollars).toBe(0);
});

test("what other processes append is read once; a file that was replaced by a shorter one is read again", () => {
	const spending = folder();
	const now = new Date(2026, 0, 1);
	const log = new DayLog(spending, "p");
	log.add({ dollars: 1, tokens: 10 }, now);
	const file = join(spending, "2026-01-01.jsonl");
	expect(log.total(now)).toEqual({ dollars: 1, tokens: 10 });
	appendFileSync(file, '{"profile":"p","dollars":2,"tokens":5}\n{"profile":"p","dol');
	expect(log.total(now)).toEqual({ dollars: 3, tokens: 15 });
	expect(log.total(now)).toEqual({ dollars: 3, tokens: 15 });
	appendFileSync(file, 'lars":4,"tokens":1}\n');
	expect(log.total(now)).toEqual({ dollars: 7, tokens: 16 });
	writeFileSync(file, '{"profile":"p","dollars":5,"tokens":2}\n');
	expect(log.total(now)).toEqual({ dollars: 5, tokens: 10 });
});

test("a disk that takes nothing: said, and counted in this process", () => {
	const file = join(folder(), "file");
	appendFileSync(file, "");
	const log = new DayLog(join(file, "below"), "p");
	expect(() => log.add({ dollars: 1, tokens: 1 }, new Date())).toThrow();
	expect(log.total(new Date()).dollars).toBe(1);
});
