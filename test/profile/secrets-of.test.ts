import { expect, test } from "vitest";
import { secretsOf } from "../../src/profile/model/secrets-of.ts";
import { testProfile } from "../support/profile.ts";

const MODEL = { id: "m", vision: true, thinking: "toggle" } as const;

test("the secrets of a profile are its keys and its long header values, wherever they are written", () => {
	const profile = testProfile("http://127.0.0.1:1", {
		key: "key-of-profile",
		headers: { "x-gateway": "header-of-profile" },
		endpoints: { anthropic: { baseUrl: "http://127.0.0.1:1", headers: { "x-gateway": "header-of-endpoint" } } },
		search: { engine: "brave", key: "key-of-search" },
		models: {
			m: {
				...MODEL,
				key: "key-of-model",
				endpoint: { baseUrl: "http://127.0.0.1:2", headers: { "x-gateway": "header-of-model-endpoint" } },
			},
		},
	});
	expect(secretsOf(profile).sort()).toEqual([
		"header-of-endpoint",
		"header-of-model-endpoint",
		"header-of-profile",
		"key-of-model",
		"key-of-profile",
		"key-of-search",
	]);
});

test("a header value of 16 characters is a secret, a shorter one is not", () => {
	const profile = testProfile("http://127.0.0.1:1", { headers: { a: "x".repeat(16), b: "y".repeat(15) } });
	expect(secretsOf(profile)).toEqual(["provider-secret-key", "x".repeat(16)]);
});

test("the secrets of fallbacks and of other profiles count too, each once", () => {
	const fallback = testProfile("http://127.0.0.1:2", { key: "key-of-fallback" });
	const other = testProfile("http://127.0.0.1:3", { key: "key-of-other" });
	const profile = testProfile("http://127.0.0.1:1", { fallbacks: [{ profile: fallback }], others: [other, fallback] });
	expect(secretsOf(profile)).toEqual(["provider-secret-key", "key-of-fallback", "key-of-other"]);
});
