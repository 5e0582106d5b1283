import Anthropic from "@anthropic-ai/sdk";
import type { ProxyServer } from "../../src/proxy/server.ts";

/** The official SDK as Claude Code uses it, without retries of its own. */
export function sdkClient(proxy: ProxyServer): Anthropic {
	return new Anthropic({ baseURL: proxy.url, authToken: proxy.token, apiKey: null, maxRetries: 0 });
}

export const ASK = {
	model: "test-model",
	max_tokens: 1000,
	messages: [{ role: "user" as const, content: "Hello" }],
};
