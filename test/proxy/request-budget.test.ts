import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { startProxy } from "../../src/proxy/server.ts";
import { type Behaviour, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK } from "../support/sdk-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const refusal = (message: string, more: object = {}): Behaviour => ({
	status: 400,
	body: JSON.stringify({ error: { message, ...more } }),
});

/** Refusals that each suggest another change of the request. */
const REFUSALS: readonly ((count: number) => Behaviour)[] = [
	(count) => refusal(`Invalid max_tokens value, the valid range of max_tokens is [1, ${8192 - count}]`),
	(count) => refusal(`max_tokens is too large: valid range is [1, ${count + 1}]`),
	(count) => refusal(`Unrecognized request argument supplied: field_${count}`),
	() => refusal("Unsupported parameter: 'constructor'", { param: "constructor" }),
	() => refusal("Unsupported parameter: '__proto__'", { param: "__proto__" }),
	() => refusal("Unsupported parameter: 'messages'", { param: "messages" }),
	() => refusal("Unsupported parameter: 'stream_options'", { param: "stream_options" }),
	() => refusal("reasoning_content must be passed back"),
	() => refusal("This model is only supported in v1/responses and not in v1/chat/completions"),
	(count) =>
		refusal(`This model's maximum context length is ${9000 + count} tokens. However, you requested 90000 tokens`),
	() => ({ status: 401, body: '{"error":{"message":"the token has expired"}}' }),
	() => ({ status: 402, body: '{"error":{"message":"you can only afford 2048"}}' }),
	() => ({ stream: [] }),
	() => ({ stream: ["data: {\n\n"] }),
	() => ({ stream: chatStream({ content: "" }) }),
	() => ({ before: "reset" }),
	() => ({ status: 500, body: "x" }),
];

const MESSAGES = [
	{ role: "user", content: "Hello" },
	{
		role: "assistant",
		content: [
			{ type: "thinking", thinking: "hm", signature: "" },
			{ type: "text", text: "Hi" },
		],
	},
	{ role: "user", content: "Go on" },
];

/** Fields that a request can do without. */
const OPTIONAL = { temperature: 0.5, top_p: 0.5, stop_sequences: ["END"], metadata: { user_id: "u" } };

async function ask(proxy: { url: string; token: string }): Promise<number> {
	const reply = await fetch(`${proxy.url}/v1/messages`, {
		method: "POST",
		headers: { authorization: `Bearer ${proxy.token}` },
		body: JSON.stringify({ ...ASK, ...OPTIONAL, messages: MESSAGES, max_tokens: 32_000, stream: true }),
	});
	await reply.text();
	return reply.status;
}

/** Requests that each server received for one exchange, where the answers come from `pick`. */
async function requestsFor(pick: (count: number) => Behaviour, fallbacks = 0): Promise<number[]> {
	let count = 0;
	const servers: FaultServer[] = [];
	for (let index = 0; index <= fallbacks; index++) servers.push(await startFaultServer(() => pick(count++)));
	const [primary, ...others] = servers.map(({ url }, index) => {
		let key = 0;
		const renewKey = async () => `key ${key++}`;
		return { ...testProfile(url, { name: `profile-${index}` }), renewKey } satisfies Profile & { renewKey: unknown };
	});
	if (!primary) throw new Error("no server");
	const proxy = await startProxy({
		profile: { ...primary, fallbacks: others.map((profile) => ({ profile, model: undefined })) },
	});
	closers.push(() => proxy.close(), ...servers.map((server) => () => server.close()));
	await ask(proxy);
	return servers.map(({ requests }) => requests.length);
}

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

describe("one exchange sends few requests, whatever the provider answers", () => {
	test.each(REFUSALS.map((refuse, index) => [index, refuse] as const))("always refusal %i", async (_index, refuse) => {
		expect(total(await requestsFor(refuse))).toBeLessThanOrEqual(5);
		expect(total(await requestsFor(refuse, 3))).toBeLessThanOrEqual(6);
	});

	test("refusals of which each teaches something new", async () => {
		const fields = ["stream_options", "temperature", "top_p", "stop", "max_tokens", "user", "tool_choice"];
		const pick = (count: number) => refusal(`Unsupported parameter: '${fields[count]}'`, { param: fields[count] });
		expect(total(await requestsFor(pick))).toBe(5);
		expect(total(await requestsFor(pick, 1))).toBe(5);
	});

	test("any sequence of them", async () => {
		const quick = fc.array(fc.nat({ max: REFUSALS.length - 3 }), { minLength: 6, maxLength: 12 });
		await fc.assert(
			fc.asyncProperty(quick, fc.nat({ max: 3 }), async (indexes, fallbacks) => {
				const pick = (count: number) =>
					REFUSALS[indexes[count % indexes.length] ?? 0]?.(count) ?? { status: 500, body: "" };
				const counts = await requestsFor(pick, fallbacks);
				expect(total(counts)).toBeLessThanOrEqual(fallbacks > 0 ? 6 : 5);
			}),
			// Without it, a run that times out on a busy machine is shrunk for ever after its servers are closed: 4 GB.
			{ numRuns: 30, endOnFailure: true },
		);
	});
});
