import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Cancellation } from "../../src/upstream/http/cancellation.ts";
import { type SearchEngine, search, type WebQuery } from "../../src/upstream/http/search-engine.ts";
import type { Transport } from "../../src/upstream/http/transport.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CATS = { text: "cats", allowed: [], blocked: [] };

const untilAborted = (signal: Parameters<Transport["request"]>[0]["signal"]) =>
	new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const ENGINES: readonly (readonly [string, Transport["request"]])[] = [
	["never answers", ({ signal }) => untilAborted(signal)],
	["never ends its answer", async ({ signal }) => ({ status: 200, headers: {}, read: () => untilAborted(signal) })],
];

test.each(ENGINES)("an engine that %s is given up after 30 s", async (_name, request) => {
	const result = search({ request, close: async () => {} }, { engine: "searxng" }, CATS, new Cancellation());
	const failed = expect(result).rejects.toThrow("ETIMEDOUT: no results within 30 s");
	await vi.advanceTimersByTimeAsync(30_000);
	await failed;
});

/** The body of a request to an engine that answers with this. */
async function asked(engine: SearchEngine, query: WebQuery, reply: object) {
	const requests: Parameters<Transport["request"]>[0][] = [];
	const request: Transport["request"] = async (sent) => {
		requests.push(sent);
		const read = async (take: (bytes: Uint8Array) => unknown) => {
			await take(Buffer.from(JSON.stringify(reply)));
			return undefined;
		};
		return { status: 200, headers: {}, read };
	};
	const results = await search({ request, close: async () => {} }, engine, query, new Cancellation());
	return { results, request: requests[0] };
}

// Replies with the fields of each engine's documentation; what cc-any does not read is shortened.
const PAGE = "https://nodejs.org/en/about/releases";
const REPLIES: readonly (readonly [SearchEngine["engine"], object])[] = [
	[
		"searxng", // docs.searxng.org/dev/search_api
		{
			query: "node lts",
			number_of_results: 0,
			results: [{ url: PAGE, title: "Releases", content: "Even versions become LTS.", engine: "brave", score: 1 }],
			unresponsive_engines: [["google", "timeout"]],
		},
	],
	[
		"brave", // api-dashboard.search.brave.com/app/documentation/web-search/responses
		{
			type: "search",
			query: { original: "node lts" },
			mixed: { type: "mixed", main: [{ type: "web", index: 0, all: false }] },
			web: {
				type: "search",
				results: [
					{ title: "Releases", url: PAGE, description: "Even versions become LTS.", meta_url: {}, age: "1 day" },
				],
			},
		},
	],
	[
		"tavily", // docs.tavily.com/documentation/api-reference/endpoint/search
		{
			query: "node lts",
			answer: null,
			images: [],
			results: [{ title: "Releases", url: PAGE, content: "Even versions become LTS.", score: 0.8, raw_content: null }],
			response_time: "1.67",
		},
	],
	[
		"exa", // exa.ai/docs/reference/search
		{
			requestId: "b5947044c4b78efa9552a7c89b306d95",
			results: [
				{
					title: "Releases",
					url: PAGE,
					id: PAGE,
					highlights: ["Even versions", "become LTS."],
					highlightScores: [0.4],
				},
			],
			costDollars: { total: 0.005 },
		},
	],
];

test.each(REPLIES)("a documented reply of %s", async (engine, reply) => {
	vi.useRealTimers();
	const { results } = await asked({ engine, key: "k" }, CATS, reply);
	const snippet = engine === "exa" ? "Even versions … become LTS." : "Even versions become LTS.";
	expect(results).toEqual([{ title: "Releases", url: PAGE, snippet }]);
});

test.each<[SearchEngine["engine"], string]>([
	["searxng", "q=cats+%28site%3Aa.org+OR+site%3Ab.org%29+-site%3Ac.org"],
	["brave", "q=cats+%28site%3Aa.org+OR+site%3Ab.org%29+-site%3Ac.org"],
	["tavily", '"include_domains":["a.org","b.org"],"exclude_domains":["c.org"]'],
	["exa", '"includeDomains":["a.org","b.org"],"excludeDomains":["c.org"]'],
])("%s is asked for the allowed domains", async (engine, part) => {
	vi.useRealTimers();
	const query = { text: "cats", allowed: ["a.org", "b.org"], blocked: ["c.org"] };
	const reply = engine === "brave" ? { web: { results: [] } } : { results: [] };
	const { request } = await asked({ engine }, query, reply);
	expect(`${request?.url} ${request?.body}`).toContain(part);
	const plain = await asked({ engine }, CATS, reply);
	expect(`${plain.request?.url} ${plain.request?.body}`).not.toMatch(/site|domains/i);
});
