import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { startProxy } from "../../src/proxy/server.ts";
import { type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { ALL_DIALECTS } from "../support/fixture.ts";
import { testProfile } from "../support/profile.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

/** A file as it is read: quotes, line breaks, characters beyond ASCII. */
const file = (number: number) => `${number}\tconst value = "${number} — é";\n`.repeat(1500);
const tools = [{ name: "Read", input_schema: { type: "object" as const, properties: { path: { type: "string" } } } }];

/** A conversation of that many rounds, with the prompt cache breakpoint at its end, where Claude Code puts it. */
function conversation(rounds: number, first = "Refactor the project."): MessageRequest {
	const messages = Array.from({ length: rounds }, (_, round) => [
		{ role: "user", content: round === 0 ? first : [result(round - 1, round === rounds - 1)] },
		{ role: "assistant", content: [{ type: "text", text: `Now ${round}.` }, call(round)] },
	]).flat();
	messages.push({ role: "user", content: [result(rounds - 1, true)] });
	const system = [{ type: "text", text: "You are a coding agent." }];
	return { model: "test-model", max_tokens: 100, stream: true, system, tools, messages } as MessageRequest;
}
function call(round: number) {
	return { type: "tool_use", id: `toolu_${round}`, name: "Read", input: { path: `src/${round}.ts` } };
}
function result(round: number, isLast: boolean) {
	const content = { type: "tool_result", tool_use_id: `toolu_${round}`, content: file(round) };
	return isLast ? { ...content, cache_control: { type: "ephemeral" } } : content;
}

function profileOf(server: FaultServer, dialect: Profile["dialect"]): Profile {
	return testProfile(server.url, { dialect, endpoints: { [dialect]: { baseUrl: `${server.url}/v1` } } });
}

async function send(profile: Profile, requests: readonly MessageRequest[]): Promise<void> {
	const proxy = await startProxy({ profile });
	closers.push(() => proxy.close());
	for (const request of requests) {
		const headers = {
			authorization: `Bearer ${proxy.token}`,
			"content-type": "application/json",
			// The same messages of one session would not be sent again after a failure.
			"x-claude-code-session-id": randomUUID(),
		};
		const reply = await fetch(`${proxy.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(request) });
		await reply.text();
	}
}

describe.each(ALL_DIALECTS.map(({ name }) => name))("a long conversation over %s", (dialect) => {
	test("what is copied of the request before is what would have been written", async () => {
		const turns = [
			...[2, 3, 4].map((rounds) => conversation(rounds)),
			conversation(4, "Another one."),
			conversation(2),
			conversation(5),
			conversation(5),
		];
		// A failure that is not retried, so that each turn is sent once.
		const server = await startFaultServer([{ status: 400, body: '{"error":{"message":"no"}}' }]);
		closers.push(() => server.close());
		await send(profileOf(server, dialect), turns);
		for (const turn of turns) await send(profileOf(server, dialect), [turn]);
		const bodies = server.requests.map(({ body }) => body);
		expect(bodies).toHaveLength(2 * turns.length);
		expect(bodies.slice(0, turns.length)).toEqual(bodies.slice(turns.length));
		for (const body of bodies) expect(JSON.stringify(JSON.parse(body)) === body).toBe(true);
	});
});
