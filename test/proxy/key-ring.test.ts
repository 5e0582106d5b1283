import { expect, onTestFinished, test, vi } from "vitest";
import type { ProfileKey } from "../../src/profile/model/target.ts";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { type Behaviour, chatStream, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

const KEYS: ProfileKey[] = ["a", "b", "c"].map((name) => ({ name: `KEY_${name}`, value: `secret-value-${name}` }));
const fine: Behaviour = { stream: chatStream({ content: "fine" }) };
const error = (status: number, message: string, headers: Record<string, string> = {}): Behaviour => ({
	status,
	headers,
	body: JSON.stringify({ error: { message } }),
});
const REFUSED = error(401, "Invalid API key");

/** A proxy whose provider answers by key. */
async function setup(byKey: Record<string, Behaviour>) {
	const server = await startFaultServer(({ headers }) => byKey[String(headers.authorization).slice(-1)] ?? fine);
	const records: ExchangeRecord[] = [];
	const profile = testProfile(server.url, { key: KEYS[0]?.value, keys: KEYS });
	const proxy = await startProxy({ profile, onExchange: (record) => records.push(record) });
	onTestFinished(async () => {
		vi.useRealTimers();
		await proxy.close();
		await server.close();
	});
	const used = () => server.requests.map(({ headers }) => String(headers.authorization).slice(-1)).join("");
	const ask = () => sdkClient(proxy).messages.stream(ASK).finalMessage();
	const kinds = () =>
		records.map(({ divergences }) => divergences.map(({ kind }) => kind).filter((kind) => kind.startsWith("key")));
	return { byKey, records, used, ask, kinds };
}

test.each([
	["401", REFUSED],
	["402", error(402, "Insufficient Balance")],
	["429", error(429, "Rate limit reached for requests")],
	["quota", error(429, "You exceeded your current quota, please check your plan and billing details")],
])("%s: the next key answers the same request, and the next ones, until the time is over", async (_name, failure) => {
	const run = await setup({ a: failure });
	await run.ask();
	await run.ask();
	expect(run.used()).toBe("abb");
	expect(run.kinds()).toEqual([["key-switched"], []]);
	expect(run.records[1]?.key).toMatch(/^KEY_b; KEY_a: [a-z-]+ until \S+/);
	expect(JSON.stringify(run.records)).not.toContain("secret-value");
});

test("a key is used again after the time that the provider named, and that is recorded", async () => {
	const run = await setup({ a: error(429, "Rate limit reached", { "retry-after": "7" }) });
	await run.ask();
	run.byKey["a"] = fine;
	const now = performance.now();
	const clock = vi.spyOn(performance, "now");
	clock.mockImplementation(() => now + 6000);
	await run.ask();
	clock.mockImplementation(() => now + 8000);
	await run.ask();
	clock.mockRestore();
	expect(run.used()).toBe("abba");
	expect(run.kinds()).toEqual([["key-switched"], [], ["key-returned"]]);
});

test("all keys are tried once, then the failure is reported; a refusal that is not about a key changes none", async () => {
	const run = await setup({ a: REFUSED, b: REFUSED, c: REFUSED });
	await expect(run.ask()).rejects.toThrow(/Invalid API key/);
	expect(run.used()).toBe("abc");
	const other = await setup({ a: error(400, "the messages are wrong") });
	await expect(other.ask()).rejects.toThrow(/wrong/);
	expect(other.used()).not.toMatch(/[bc]/);
});

test("a limit that the headers say is used up switches before it is met", async () => {
	const used = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20s" };
	const run = await setup({ a: { stream: chatStream({ content: "fine" }), headers: used } });
	await run.ask();
	await run.ask();
	expect(run.used()).toBe("ab");
	expect(run.kinds()).toEqual([["key-switched"], []]);
});

test("requests that fail at once with the same key switch once", async () => {
	const run = await setup({ a: REFUSED });
	await Promise.all([run.ask(), run.ask(), run.ask()]);
	expect(run.used().replaceAll("a", "")).toBe("bbb");
});
