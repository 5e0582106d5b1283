import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import { askLimits, isOwnNetwork } from "../../src/upstream/http/ask-limits.ts";
import { openTransport } from "../../src/upstream/http/transport.ts";
import { everyTier, sampleProfile } from "../support/sample-profile.ts";

let server: Server;
afterEach(() => server.close());

/** Replies by path, as JSON; any other path is a 404. */
async function ask(replies: Record<string, unknown>, model = "foo") {
	server = createServer((request, response) => {
		const reply = replies[request.url ?? ""];
		response.writeHead(reply ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(reply ?? {}));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
	const endpoints = { "openai-chat": { baseUrl } };
	const target = targetOf(sampleProfile({ endpoints, tiers: everyTier(model) }), model);
	const transport = openTransport({});
	try {
		const signal = AbortSignal.timeout(5000);
		return await askLimits({ transport, target, signal }, { path: "/models", headers: {} });
	} finally {
		await transport.close();
	}
}

/** A list without a window, as Ollama and LM Studio give it. */
const BARE = { object: "list", data: [{ id: "foo", object: "model" }, { id: "other" }] };

const servers: [about: string, replies: Record<string, unknown>, expected: object][] = [
	[
		"vLLM and SGLang: max_model_len (vllm/entrypoints/openai/models/protocol.py)",
		{ "/v1/models": { data: [{ id: "foo", max_model_len: 40_960 }] } },
		{ contextWindow: 40_960 },
	],
	[
		"llama.cpp: meta.n_ctx, not what the model was trained with; one model under any name",
		{ "/v1/models": { data: [{ id: "tiny-7gram", meta: { n_ctx: 65_536, n_ctx_train: 262_144 } }] } },
		{ contextWindow: 65_536 },
	],
	[
		"an older llama.cpp: the window in /props, per slot",
		{
			"/v1/models": { data: [{ id: "foo", meta: { n_ctx_train: 262_144 } }] },
			"/props": { default_generation_settings: { n_ctx: 16_384 }, total_slots: 2 },
		},
		{ contextWindow: 16_384 },
	],
	[
		"what the model was trained with, where nothing else is known",
		{ "/v1/models": { data: [{ id: "foo", meta: { n_ctx_train: 32_768 } }] } },
		{ contextWindow: 32_768, isUpperBound: true },
	],
	[
		"Ollama, loaded: /api/ps (docs/api.md)",
		{
			"/v1/models": BARE,
			"/api/ps": { models: [{ name: "foo:latest", context_length: 4096 }] },
			"/api/show": { model_info: { "qwen3.context_length": 40_960 } },
		},
		{ contextWindow: 4096 },
	],
	[
		"Ollama, not loaded: num_ctx of the Modelfile",
		{
			"/v1/models": BARE,
			"/api/ps": { models: [] },
			"/api/show": {
				parameters: 'stop                           "<|im_end|>"\nnum_ctx                        24576',
				model_info: { "qwen3.context_length": 40_960 },
			},
		},
		{ contextWindow: 24_576 },
	],
	[
		"Ollama, not loaded, no num_ctx: only an upper bound",
		{ "/v1/models": BARE, "/api/ps": { models: [] }, "/api/show": { model_info: { "qwen3.context_length": 40_960 } } },
		{ contextWindow: 40_960, isUpperBound: true },
	],
	[
		"no POST to a server that is not Ollama: it could count as a prompt",
		{ "/v1/models": BARE, "/api/show": { model_info: { "qwen3.context_length": 40_960 } } },
		{},
	],
	[
		"LM Studio: the window that the model was loaded with (lmstudio.ai/docs/api/rest-api)",
		{
			"/v1/models": BARE,
			"/api/v0/models": { data: [{ id: "foo", max_context_length: 131_072, loaded_context_length: 8192 }] },
		},
		{ contextWindow: 8192 },
	],
	[
		"LiteLLM: /model/info",
		{
			"/v1/models": BARE,
			"/model/info": {
				data: [{ model_name: "foo", model_info: { max_input_tokens: 200_000, max_output_tokens: 8192 } }],
			},
		},
		{ contextWindow: 200_000, maxOutput: 8192 },
	],
	[
		"OpenRouter: context_length, and the output limit of the top provider",
		{
			"/v1/models": {
				data: [{ id: "foo", context_length: 163_840, top_provider: { max_completion_tokens: 65_536 } }],
			},
		},
		{ contextWindow: 163_840, maxOutput: 65_536 },
	],
	["a server that says nothing", { "/v1/models": BARE }, {}],
	[
		"values that are no windows",
		{ "/v1/models": { data: [{ id: "foo", max_model_len: "x", context_length: 0 }] } },
		{},
	],
];
test.each(servers)("%s", async (_about, replies, expected) => {
	expect(await ask(replies)).toEqual(expected);
});

test("a model that the server does not list gets no other model's window", async () => {
	const data = [
		{ id: "a", max_model_len: 1000 },
		{ id: "b", max_model_len: 2000 },
	];
	expect(await ask({ "/v1/models": { data } })).toEqual({});
});

test.each([
	["http://localhost:1234/v1", true],
	["http://127.0.0.1:1/v1", true],
	["http://[::1]:8080", true],
	["http://192.168.1.20:8000/v1", true],
	["http://172.20.0.2/v1", true],
	["http://gpu:8000/v1", true],
	["http://gpu.lan/v1", true],
	["https://api.example.com/v1", false],
	["http://172.64.0.1/v1", false],
	["http://[2001:db8::1]/v1", false],
])("the user's own network: %s %s", (url, expected) => expect(isOwnNetwork(url)).toBe(expected));
