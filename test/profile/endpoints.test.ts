import { describe, expect, test } from "vitest";
import { CODECS } from "../../src/dialects/index.ts";
import { type Profile, targetOf } from "../../src/profile/model/profile.ts";
import type { DialectName } from "../../src/profile/model/quirks.ts";
import type { Target } from "../../src/profile/model/target.ts";
import { requestHeaders } from "../../src/upstream/http/send.ts";
import { type ProfileHome, profileHome } from "../support/profile-home.ts";

// What the clouds and gateways are asked: address, path, and the header with the key or the token.

/** A program on the path that prints its arguments, for the token commands of the clouds. */
function withProgram(name: string, variables: Record<string, string>): ProfileHome {
	const home = profileHome(variables);
	home.write(`bin/${name}`, '#!/bin/sh\necho "$*" | tr " /:" "_"\n');
	home.chmod(`bin/${name}`, 0o755);
	home.env["PATH"] = `${home.home}/bin:${home.env["PATH"]}`;
	return home;
}

async function asked(target: Target): Promise<{ url: string; headers: Record<string, string>; body: object }> {
	const { encode } = CODECS[target.dialect];
	const request = { model: "any", max_tokens: 50, stream: true, messages: [{ role: "user" as const, content: "Hi." }] };
	const { path, headers, body } = encode(request, target, () => {});
	return { url: `${target.baseUrl}${path}`, headers: requestHeaders(target, headers), body };
}

const over = (profile: Profile, dialect: DialectName) => targetOf({ ...profile, dialect }, profile.tiers.opus);

describe("Azure OpenAI", () => {
	/** What the program below prints: the command's own words. */
	const TOKEN =
		"account_get-access-token_--resource_https___cognitiveservices.azure.com_--query_accessToken_--output_tsv";
	const RESOURCE = { AZURE_OPENAI_RESOURCE: "mine" };

	test.each([
		["openai-responses", "https://mine.openai.azure.com/openai/v1/responses", "api-key"],
		["openai-chat", "https://mine.openai.azure.com/openai/v1/chat/completions", "api-key"],
		["anthropic", "https://mine.services.ai.azure.com/anthropic/v1/messages", "x-api-key"],
	] as const)("%s, with the key of the resource and the name of a deployment", async (dialect, url, header) => {
		const home = profileHome({ ...RESOURCE, AZURE_OPENAI_API_KEY: "azure-key" });
		home.write(".config/cc-any/profiles/azure-openai.yaml", "tiers: { opus: my-deployment }\n");
		const request = await asked(over(await home.resolve({ profile: "azure" }), dialect));
		expect(request).toMatchObject({ url, headers: { [header]: "azure-key" }, body: { model: "my-deployment" } });
		expect(request.headers).not.toHaveProperty("authorization");
	});

	test.each(["openai-responses", "openai-chat", "anthropic"] as const)("%s, with a token of Entra", async (dialect) => {
		const home = withProgram("az", RESOURCE);
		const { profile, report } = await home.resolveWithReport({ profile: "azure", region: "entra" });
		expect(report.keyOrigin).toEqual({ kind: "command", program: "az" });
		const { headers } = await asked(over(profile, dialect));
		expect(headers["authorization"]).toBe(`Bearer ${TOKEN}`);
		expect(headers).not.toHaveProperty("api-key");
		expect(headers).not.toHaveProperty("x-api-key");
		// What the wire needs does not depend on how one signs in.
		if (dialect === "openai-responses") expect(over(profile, dialect).quirks.effortField).toBe("reasoning.effort");
	});
});

test.each([
	["vertex", "https://us-central1-aiplatform.googleapis.com/v1/projects/p1/locations/us-central1", "us-central1"],
	["vertex-global", "https://aiplatform.googleapis.com/v1/projects/p1/locations/global", undefined],
	["vertex-multi", "https://aiplatform.eu.rep.googleapis.com/v1/projects/p1/locations/eu", "eu"],
])("Gemini, region %s, with a token of gcloud", async (region, base, location) => {
	const variables = { GOOGLE_CLOUD_PROJECT: "p1", ...(location && { GOOGLE_CLOUD_LOCATION: location }) };
	const profile = await withProgram("gcloud", variables).resolve({ profile: "gemini", region });
	const target = over(profile, "gemini");
	const { url, headers } = await asked(target);
	expect(url).toBe(`${base}/publishers/google/models/gemini-4-argon:streamGenerateContent?alt=sse`);
	expect(headers["authorization"]).toBe("Bearer auth_print-access-token");
	expect(headers).not.toHaveProperty("x-goog-api-key");
	expect(target.quirks).toMatchObject({ countTokens: true, countTokensForm: "fields", maxStopSequences: 5 });
});

test("Gemini itself: the key in Google's header, counted in its own form", async () => {
	const target = over(await profileHome({ GEMINI_API_KEY: "g-key" }).resolve({ profile: "gemini" }), "gemini");
	expect((await asked(target)).headers).toMatchObject({ "x-goog-api-key": "g-key" });
	expect(target.quirks).toMatchObject({ countTokens: true, countTokensForm: "whole" });
});

test.each([
	[undefined, "openai-responses", "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/responses"],
	[undefined, "openai-chat", "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions"],
	["mantle", "openai-responses", "https://bedrock-mantle.eu-west-1.api.aws/openai/v1/responses"],
	["mantle", "openai-chat", "https://bedrock-mantle.eu-west-1.api.aws/v1/chat/completions"],
] as const)("Bedrock, region %s, %s", async (region, dialect, url) => {
	const home = profileHome({ AWS_REGION: "eu-west-1", AWS_BEARER_TOKEN_BEDROCK: "b-key" });
	const request = await asked(over(await home.resolve({ profile: "bedrock", region }), dialect));
	expect(request).toMatchObject({ url, headers: { authorization: "Bearer b-key" } });
});

test.each([
	["openrouter", "OPENROUTER_API_KEY", { provider: { order: ["a", "b"], allow_fallbacks: false } }],
	["vercel-ai-gateway", "AI_GATEWAY_API_KEY", { providerOptions: { gateway: { order: ["a", "b"], only: ["a"] } } }],
])("%s: routing among providers goes along over every dialect", async (name, variable, extraBody) => {
	const home = profileHome({ [variable]: "r-key" });
	home.write(`.config/cc-any/profiles/${name}.yaml`, `quirks: ${JSON.stringify({ extraBody })}\n`);
	const profile = await home.resolve({ profile: name });
	const dialects = Object.keys(profile.endpoints) as DialectName[];
	expect(dialects.sort()).toEqual(["anthropic", "openai-chat", "openai-responses"]);
	for (const dialect of dialects) {
		const request = await asked(over(profile, dialect));
		expect(request).toMatchObject({ body: extraBody, headers: { authorization: "Bearer r-key" } });
	}
});

test("names of headers are one name in any case: the endpoint's replaces the profile's, the key is sent once", async () => {
	const home = profileHome({});
	const endpoint = { baseUrl: "https://own.test/v1", auth: { header: "X-Key", value: "{key}" } };
	const endpoints = { "openai-chat": { ...endpoint, headers: { "user-agent": "mine", "X-KEY": "none" } } };
	const headers = { "User-Agent": "all", "X-Team": "a" };
	home.write("own.yaml", JSON.stringify({ key: "own-key", model: "m", dialect: "openai-chat", endpoints, headers }));
	const profile = await home.resolve({ profile: `${home.home}/own.yaml` });
	expect((await asked(over(profile, "openai-chat"))).headers).toEqual({
		"content-type": "application/json",
		"accept-encoding": "identity",
		"user-agent": "mine",
		"x-team": "a",
		"x-key": "own-key",
	});
});
