import { expect, onTestFinished, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { chatStream, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { profileHome, userError } from "../support/profile-home.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

const FACTS = { thinking: "none" as const, maxOutput: 1000 };
const MODELS = {
	small: { id: "small", contextWindow: 20_000, vision: false, ...FACTS },
	long: { id: "long", contextWindow: 1_000_000, vision: false, ...FACTS },
	eyes: { id: "eyes", contextWindow: 100_000, vision: true, ...FACTS },
};
const TOOLS = [{ name: "Bash", input_schema: { type: "object" as const } }];
const IMAGE = {
	type: "image" as const,
	source: { type: "base64" as const, media_type: "image/png" as const, data: "iVBORw0KGgo=".repeat(9000) },
};
const LONG = "word ".repeat(10_000);

async function setup(seesAll = false) {
	const server = await startFaultServer([{ stream: chatStream({ content: "fine" }) }]);
	const tiers = { opus: "small", sonnet: "small", haiku: "small", fable: "small", subagent: "small" };
	const models = { ...MODELS, long: { ...MODELS.long, vision: seesAll } };
	const base: Profile = testProfile(server.url, { models, tiers });
	const profile = {
		...base,
		routes: { longContext: { profile: base, model: "long", over: 10_000 }, images: { profile: base, model: "eyes" } },
	};
	const records: ExchangeRecord[] = [];
	const proxy = await startProxy({ profile, onExchange: (record) => records.push(record) });
	onTestFinished(() => proxy.close().then(() => server.close()));
	const ask = async (content: string | object[], headers: Record<string, string> = {}, tools: object[] = TOOLS) => {
		const isHistory = Array.isArray(content) && content.some((item) => "role" in item);
		const messages = (isHistory ? content : [{ role: "user", content }]) as never;
		await sdkClient(proxy)
			.messages.stream({ ...ASK, model: "small", messages, tools: tools as never }, { headers })
			.finalMessage();
		const { servedModel = "", divergences = [] } = records.at(-1) ?? {};
		return [servedModel, ...divergences.map(({ kind }) => kind).filter((kind) => kind.startsWith("route"))];
	};
	return { ask, records };
}

const text = (words: string) => ({ type: "text", text: words });

test("a long request and one with images go to their models; each change is recorded", async () => {
	const { ask, records } = await setup();
	expect(await ask("short")).toEqual(["small"]);
	expect(await ask(LONG)).toEqual(["long", "routed", "route-changed"]);
	expect(await ask(LONG)).toEqual(["long", "routed"]);
	expect(await ask([text("look"), IMAGE])).toEqual(["eyes", "routed", "route-changed"]);
	expect(await ask("short")).toEqual(["small", "route-changed"]);
	expect(records[1]?.divergences.find(({ kind }) => kind === "routed")).toMatchObject({
		seen: expect.stringMatching(/^about 12\d\d\d tokens, more than 10000$/),
		done: "sent to test/long (routes.longContext)",
		data: { route: "longContext" },
	});
});

test("an image in a tool result counts, and a long request with images goes to a model that takes both", async () => {
	const call = { type: "tool_use", id: "t1", name: "Read", input: {} };
	const history = [
		{ role: "user", content: "look" },
		{ role: "assistant", content: [call] },
		{ role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: [IMAGE] }] },
	];
	const { ask } = await setup();
	expect(await ask([text(LONG), IMAGE])).toEqual(["eyes", "routed"]);
	expect(await ask(history)).toEqual(["eyes", "routed"]);
	const both = await setup(true);
	expect(await both.ask([text(LONG), IMAGE])).toEqual(["long", "routed"]);
});

test("subagents and titles go by tier, unless they do not fit its window", async () => {
	const { ask } = await setup();
	const agent = { "x-claude-code-agent-id": "a1" };
	expect(await ask(LONG, agent)).toEqual(["small"]);
	expect(await ask([text("look"), IMAGE], agent)).toEqual(["small"]);
	expect(await ask(LONG, {}, [])).toEqual(["small"]);
	expect(await ask(LONG.repeat(2), agent)).toEqual(["long", "routed"]);
});

const OWN = `endpoints: { openai-chat: { baseUrl: "http://127.0.0.1:9/v1" } }
keyOptional: true
model: small
models:
  small: { contextWindow: 100000, vision: false }
  tiny: { contextWindow: 9000, vision: false }
  eyes: { contextWindow: 9000, vision: true }
  unknown: { vision: true }
`;

test.each([
	[
		"routes:\n  longContext: { over: 10000, model: tiny }",
		/own\.yaml:10: routes\.longContext\.model: tiny has a window of 9000/,
	],
	[
		"routes:\n  longContext: { over: 10000, model: unknown }",
		/own\.yaml:10: routes\.longContext\.model: the window of unknown is not known/,
	],
	["routes:\n  images: tiny", /own\.yaml:10: routes\.images: tiny does not see images/],
	["routes:\n  images: nowhere/model", /routes\.images nowhere\/model/],
])("a rule whose model cannot do it is an error with its place: %s", async (rule, message) => {
	const home = profileHome();
	home.write(".config/cc-any/profiles/own.yaml", OWN + rule);
	expect((await userError(home.resolve({ profile: "own" }))).message).toMatch(message);
});

test("rules may name a model of another profile", async () => {
	const home = profileHome();
	home.write(
		".config/cc-any/profiles/own.yaml",
		`${OWN}routes: { images: other/eyes, longContext: { over: 9000, model: small } }`,
	);
	home.write(".config/cc-any/profiles/other.yaml", OWN);
	const { routes } = await home.resolve({ profile: "own" });
	expect([routes?.images?.profile.name, routes?.images?.model, routes?.longContext?.model]).toEqual([
		"other",
		"eyes",
		"small",
	]);
});
