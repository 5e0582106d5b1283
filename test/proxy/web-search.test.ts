import { afterEach, describe, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { sdkClient } from "../support/sdk-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

/** As Claude Code 2.1.197 sends it (recorded request 07). */
const SEARCH = {
	model: "test-model",
	max_tokens: 32000,
	tools: [{ type: "web_search_20250305" as const, name: "web_search" as const, max_uses: 8 }],
	messages: [{ role: "user" as const, content: "Perform a web search for the query: quick brown fox" }],
};

async function ask(overrides: Partial<Profile>, request: object = SEARCH) {
	const provider = await startFaultServer([{ stream: chatStream({ content: "from the model" }) }]);
	const records: ExchangeRecord[] = [];
	const profile = testProfile(provider.url, overrides);
	const proxy = await startProxy({ profile, onExchange: (record) => records.push(record) });
	closers.push(
		() => provider.close(),
		() => proxy.close(),
	);
	const message = await sdkClient(proxy)
		.messages.stream(request as typeof SEARCH)
		.finalMessage();
	return { message, provider, records };
}

test("another server tool alone is no search", async () => {
	const tool = { type: "code_execution_20250825", name: "code_execution" };
	const { message, provider } = await ask({}, { ...SEARCH, tools: [tool] });
	expect(message.content).toMatchObject([{ type: "text", text: "from the model" }]);
	expect(provider.requests).toHaveLength(1);
});

async function engineThatAnswers(body: object, status = 200): Promise<FaultServer> {
	const engine = await startFaultServer([{ status, body: JSON.stringify(body) }]);
	closers.push(() => engine.close());
	return engine;
}

const FOX = {
	title: "Fox",
	url: "https://animals.example/fox",
	content: "A fox is quick.",
	description: "A fox is quick.",
};
const DOG = { title: "Dog", url: "https://dogs.example/", content: "Lazy.", description: "Lazy." };

describe("the user's own engine answers", () => {
	test.each([
		["searxng", { results: [FOX, DOG] }, { method: "GET", query: "q=quick+brown+fox&format=json" }],
		["brave", { web: { results: [FOX, DOG] } }, { method: "GET", query: "q=quick+brown+fox" }],
		["tavily", { results: [FOX, DOG] }, { method: "POST", query: '"query":"quick brown fox"' }],
		[
			"exa",
			{ results: [{ ...FOX, highlights: [FOX.content] }, DOG] },
			{ method: "POST", query: '"query":"quick brown fox"' },
		],
	] as const)("%s", async (engine, body, { query }) => {
		const server = await engineThatAnswers(body);
		const { message, provider, records } = await ask({ search: { engine, url: server.url, key: "engine-key" } });
		expect(message.content.map((block) => block.type)).toEqual(["server_tool_use", "web_search_tool_result", "text"]);
		expect(message.content[1]).toMatchObject({ content: [{ title: "Fox" }, { title: "Dog", url: DOG.url }] });
		expect(message.content[2]).toMatchObject({ text: expect.stringContaining("A fox is quick.") });
		expect(provider.requests).toHaveLength(0);
		expect(server.requests[0]?.url + (server.requests[0]?.body ?? "")).toContain(query);
		expect(JSON.stringify(server.requests[0]?.headers).includes("engine-key")).toBe(engine !== "searxng");
		expect(records[0]?.divergences).toMatchObject([{ kind: "web-search", done: `2 results of ${engine}` }]);
	});

	const ENGINE_RESULTS = [
		"https://example.com/a",
		"https://docs.EXAMPLE.com/b",
		"https://evil-example.com/c",
		"https://example.com.evil.net/d",
		"not a URL",
	].map((url) => ({ title: url, url, content: "" }));
	const urlsFrom = async (domains: object) => {
		const server = await engineThatAnswers({ results: ENGINE_RESULTS });
		const tools = [{ ...SEARCH.tools[0], ...domains }];
		const { message } = await ask({ search: { engine: "searxng", url: server.url } }, { ...SEARCH, tools });
		const [, results] = message.content;
		return results?.type === "web_search_tool_result" && Array.isArray(results.content)
			? results.content.map(({ url }) => url)
			: [];
	};
	const [OWN, SUBDOMAIN, PREFIXED, SUFFIXED, NO_URL] = ENGINE_RESULTS.map(({ url }) => url);

	test.each([
		["an allowed domain and its subdomains only", { allowed_domains: ["example.com"] }, [OWN, SUBDOMAIN]],
		["an allowed domain in upper case", { allowed_domains: ["Example.COM"] }, [OWN, SUBDOMAIN]],
		["a subdomain only", { allowed_domains: ["docs.example.com"] }, [SUBDOMAIN]],
		["a domain with a scheme", { allowed_domains: ["https://docs.example.com/"] }, [SUBDOMAIN]],
		["a part of a site", { allowed_domains: ["example.com/a"] }, [OWN]],
		["no part of a name", { allowed_domains: ["example.com/"], blocked_domains: [] }, [OWN, SUBDOMAIN]],
		["several domains", { allowed_domains: ["docs.example.com", "evil.net"] }, [SUBDOMAIN, SUFFIXED]],
		["nothing, where no result is of an allowed domain", { allowed_domains: ["other.org"] }, []],
		["all, where the list is empty", { allowed_domains: [] }, [OWN, SUBDOMAIN, PREFIXED, SUFFIXED, NO_URL]],
		["all but a blocked domain and its subdomains", { blocked_domains: ["example.com"] }, [PREFIXED, SUFFIXED, NO_URL]],
	])("results: %s", async (_name, domains, urls) => {
		expect(await urlsFrom(domains)).toEqual(urls);
	});

	test("blocked domains are left out", async () => {
		const server = await engineThatAnswers({ results: [FOX, DOG] });
		const tools = [{ ...SEARCH.tools[0], blocked_domains: ["dogs.example"] }];
		const { message } = await ask({ search: { engine: "searxng", url: server.url } }, { ...SEARCH, tools });
		expect(message.content[1]).toMatchObject({ content: [{ title: "Fox" }] });
	});

	test("a failure is an error of the search, never an empty list", async () => {
		const server = await engineThatAnswers({ error: "no" }, 500);
		const { message } = await ask({ search: { engine: "searxng", url: server.url } });
		expect(message.content[1]).toMatchObject({ content: { type: "web_search_tool_result_error" } });
		expect(message.content[2]).toMatchObject({ text: expect.stringContaining("The web search failed") });
	});
});

test("without an engine the answer says so, and no model invents results", async () => {
	const { message, provider } = await ask({});
	expect(message.content[2]).toMatchObject({ text: expect.stringContaining("Web search is not available") });
	expect(provider.requests).toHaveLength(0);
});

test("a provider that searches by itself is asked", async () => {
	const { provider } = await ask({ quirks: { serverTools: ["web_search"] } });
	expect(provider.requests).toHaveLength(1);
});
