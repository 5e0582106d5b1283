import { expect, onTestFinished, test, vi } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import { KeyRenewal } from "../../src/proxy/delivery/key-renewal.ts";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { type Behaviour, chatStream, startFaultServer } from "../support/fault-server.ts";
import { profileHome } from "../support/profile-home.ts";
import { sampleProfile } from "../support/sample-profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

const refused: Behaviour = {
	status: 401,
	body: '{"error":{"code":401,"status":"UNAUTHENTICATED","message":"expired"}}',
};
const fine: Behaviour = { stream: chatStream({ content: "fine" }) };

interface Setup {
	/** Shell text of the program that prints the key; `$n` counts its runs. */
	program: string;
	/** Whether the provider accepts the key. */
	takes: (key: string) => boolean;
	key?: string;
	/** The key belongs to the model, not to the profile. */
	ofModel?: boolean;
}

async function setup({ program, takes, key = "command:print-token", ofModel = false }: Setup) {
	const server = await startFaultServer(({ headers }) =>
		takes(String(headers.authorization).replace("Bearer ", "")) ? fine : refused,
	);
	const home = profileHome({ OWN_KEY: "token-1" });
	const count = `n=$(( $(cat ${home.home}/runs 2>/dev/null || echo 0) + 1 )); echo $n > ${home.home}/runs`;
	home.write("bin/print-token", `#!/bin/sh\n${count}\n${program}\n`);
	home.chmod("bin/print-token", 0o755);
	home.env["PATH"] = `${home.home}/bin:${home.env["PATH"]}`;
	const keys = ofModel ? { key: "env:OWN_KEY", models: { "test-model": { key } } } : { key };
	const file = { ...keys, endpoints: { "openai-chat": { baseUrl: `${server.url}/v1` } }, model: "test-model" };
	home.write(".config/cc-any/profiles/own.yaml", JSON.stringify(file));
	const profile = await home.resolve({ profile: "own" });
	const records: ExchangeRecord[] = [];
	const secrets: string[] = [];
	const proxy = await startProxy({
		profile,
		onExchange: (record) => records.push(record),
		onSecret: (secret) => secrets.push(secret),
	});
	onTestFinished(() => proxy.close().then(() => server.close()));
	const ask = (content = "Hello") =>
		sdkClient(proxy)
			.messages.stream({ ...ASK, messages: [{ role: "user", content }] })
			.finalMessage();
	const runs = () => Number(home.read("runs"));
	const kinds = () =>
		records.map(({ divergences }) => divergences.map(({ kind }) => kind).filter((kind) => kind.startsWith("key")));
	return { ask, runs, kinds, records, secrets, server };
}

test("a token that has expired is read again, and the request is sent again", async () => {
	let oldest = 1;
	const run = await setup({ program: "echo token-$n", takes: (key) => Number(key.split("-")[1]) >= oldest });
	await run.ask();
	oldest = 2;
	await run.ask();
	await run.ask();
	expect(run.kinds()).toEqual([[], ["key-renewed"], []]);
	expect(run.server.requests.map(({ headers }) => headers.authorization)).toEqual(
		["token-1", "token-1", "token-2", "token-2"].map((token) => `Bearer ${token}`),
	);
	expect(run.secrets).toEqual(["token-2"]);
	expect(JSON.stringify(run.records)).not.toContain("token-2");
});

test("the token of one model is read again too", async () => {
	const run = await setup({ program: "echo model-$n", takes: (key) => key === "model-2", ofModel: true });
	await run.ask();
	expect(run.kinds()).toEqual([["key-renewed"]]);
	expect(run.server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer model-1", "Bearer model-2"]);
	expect(run.secrets).toEqual(["model-2"]);
});

test("parallel requests read one new token", async () => {
	const run = await setup({ program: "sleep 0.2; echo token-$n", takes: (key) => key === "token-2" });
	await Promise.all(Array.from({ length: 5 }, run.ask));
	expect(run.runs()).toBe(2);
});

test("a new token that is refused too is reported: the account is at fault", async () => {
	const run = await setup({ program: "echo token-$n", takes: () => false });
	await expect(run.ask()).rejects.toMatchObject({ status: 401 });
	await expect(run.ask()).rejects.toMatchObject({ status: 401 });
	expect(run.runs()).toBe(2);
	expect(run.kinds()).toEqual([["key-renewed"], []]);
});

test("a program that prints the same key again, as a password store does, runs only once more", async () => {
	const run = await setup({ program: "echo token-1", takes: () => false });
	for (let turn = 0; turn < 3; turn++) await expect(run.ask(`turn ${turn}`)).rejects.toMatchObject({ status: 401 });
	expect(run.runs()).toBe(2);
	expect(run.server.requests).toHaveLength(3);
});

test("a program that fails is recorded; the provider's message is reported", async () => {
	const run = await setup({ program: "[ $n = 1 ] || exit 3; echo token-$n", takes: () => false });
	await expect(run.ask()).rejects.toThrow(/expired/);
	expect(run.records[0]?.divergences).toEqual([
		expect.objectContaining({ kind: "key-renewed", seen: expect.stringContaining("exit code 3"), done: "no new key" }),
	]);
});

test("a key of a variable cannot be renewed", async () => {
	const run = await setup({ program: "", takes: () => false, key: "env:OWN_KEY" });
	await expect(run.ask()).rejects.toMatchObject({ status: 401 });
	expect(run.server.requests).toHaveLength(1);
	expect(run.kinds()).toEqual([[]]);
});

test("a new key that is refused within a minute is reported; one that has lived longer has expired", async () => {
	vi.useFakeTimers();
	onTestFinished(() => {
		vi.useRealTimers();
	});
	let reads = 0;
	const renewKey = async () => `key-${++reads}`;
	const renewal = new KeyRenewal(() => {});
	const target = { ...targetOf(sampleProfile(), "sample-large"), key: "key-0", renewKey };
	const refusedKey = async () => {
		const failure = { class: "auth", message: "expired", status: 401 } as const;
		return (await renewal.renew(renewal.apply(target), failure, () => {}))?.target.key;
	};
	expect(await refusedKey()).toBe("key-1");
	vi.advanceTimersByTime(59_999);
	expect(await refusedKey()).toBeUndefined();
	vi.advanceTimersByTime(1);
	expect(await refusedKey()).toBe("key-2");
	expect(renewal.apply(target).key).toBe("key-2");
});
