import { expect, test } from "vitest";
import { CODECS } from "../../src/dialects/index.ts";
import { normaliseBaseUrl, requestUrl } from "../../src/profile/model/base-url.ts";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { DialectName } from "../../src/profile/model/quirks.ts";
import { secretsOf } from "../../src/profile/model/secrets-of.ts";
import { profileHome } from "../support/profile-home.ts";

const QUERY = "api-version=2025-01-01-preview";
const place = { profile: "own", field: "baseUrl" };

const addresses: [dialect: DialectName, pasted: string, path: string, expected: string][] = [
	// The address that Azure's portal shows (cline/cline#216).
	[
		"openai-chat",
		"/openai/deployments/d/chat/completions",
		"/chat/completions",
		"/openai/deployments/d/chat/completions?",
	],
	["openai-responses", "/openai/responses", "/responses", "/openai/responses?"],
	["anthropic", "/anthropic/v1/messages", "/v1/messages", "/anthropic/v1/messages?"],
	["gemini", "/v1beta/", "/models/m:generateContent", "/v1beta/models/m:generateContent?"],
	["gemini", "/v1beta", "/models/m:streamGenerateContent?alt=sse", "/v1beta/models/m:streamGenerateContent?alt=sse&"],
];
test.each(addresses)("%s: %s, and the query on each request", (dialect, pasted, path, expected) => {
	const address = normaliseBaseUrl(`https://x.test${pasted}?${QUERY}`, dialect, place);
	expect(requestUrl(address, path)).toBe(`https://x.test${expected}${QUERY}`);
});

test.each([
	["/openai/deployments/d/chat/completions", "openai-chat"],
	["/openai/responses/", "openai-responses"],
	["/anthropic/v1/messages", "anthropic"],
	["/v1beta/models/m:streamGenerateContent", "gemini"],
	["/openai/v1", "openai-responses"],
] as const)("%s is %s, also over a profile that prefers openai-responses", async (path, dialect) => {
	const env = { AZURE_OPENAI_RESOURCE: "x", AZURE_OPENAI_API_KEY: "sk-azure-1" };
	const selection = { profile: "azure", baseUrl: `https://x.test${path}?${QUERY}`, model: "m" };
	const profile = await profileHome(env).resolve(selection);
	expect(targetOf(profile, "m")).toMatchObject({ dialect, query: QUERY });
});

test("the list of models has it too", () => {
	const address = normaliseBaseUrl(`https://x.test?${QUERY}`, "anthropic", place);
	const { path } = CODECS.anthropic.modelList;
	expect(requestUrl(address, path)).toBe(`https://x.test/v1/models?limit=1000&${QUERY}`);
});

test("the dialect's own parameter is not doubled, an empty query is none", () => {
	const pasted = "https://x.test/v1beta/models/m:streamGenerateContent?alt=sse&key=abc";
	expect(normaliseBaseUrl(pasted, "gemini", place)).toMatchObject({
		baseUrl: "https://x.test/v1beta",
		query: "key=abc",
	});
	expect(normaliseBaseUrl("https://x.test/v1?", "openai-chat", place)).toEqual({ baseUrl: "https://x.test/v1" });
});

test("a profile's target has it; a long value other than the version is a secret", async () => {
	const home = profileHome();
	const baseUrl = `https://x.test/v1?${QUERY}&code=0123456789abcdefXYZ`;
	const profile = await home.resolve({ baseUrl, model: "m" });
	expect(targetOf(profile, "m")).toMatchObject({
		baseUrl: "https://x.test/v1",
		query: `${QUERY}&code=0123456789abcdefXYZ`,
	});
	expect(secretsOf(profile)).toEqual(["0123456789abcdefXYZ"]);
});
