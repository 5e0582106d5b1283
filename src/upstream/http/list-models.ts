import type { Target } from "../../profile/model/target.ts";
import { readText, requestHeaders } from "./send.ts";
import type { Transport } from "./transport.ts";

/** What a provider answered when it was asked for its models. */
export interface ModelList {
	/** HTTP status. */
	status: number;
	/** Ids in the provider's order; undefined where the answer was no list. */
	ids: string[] | undefined;
	/** Context windows in tokens, by id, where the list tells them. */
	windows: Record<string, number>;
	/** Beginning of an answer that was no list. */
	text: string;
}

/** Bytes of a list that are read at most: OpenRouter's has some 500 KB. */
const LIST_LIMIT = 8 * 1024 * 1024;

/** Asks a provider which models it has. Throws `UpstreamFailure` where there is no answer at all. */
export async function listModels(transport: Transport, target: Target, signal: AbortSignal): Promise<ModelList> {
	const path = target.dialect === "anthropic" ? "/v1/models?limit=1000" : "/models";
	const { "content-type": _none, ...headers } = requestHeaders(target, versionHeaders(target));
	const reply = await transport.request({ method: "GET", url: `${target.baseUrl}${path}`, headers, signal });
	const text = await readText(reply, LIST_LIMIT);
	const models = reply.status === 200 ? modelsIn(text) : undefined;
	const windows = (models ?? []).flatMap(({ id, window }) => (window === undefined ? [] : [[id, window] as const]));
	return {
		status: reply.status,
		ids: models?.map(({ id }) => id),
		windows: Object.fromEntries(windows),
		text: text.slice(0, 200),
	};
}

function versionHeaders({ dialect }: Target): Record<string, string> {
	return dialect === "anthropic" ? { "anthropic-version": "2023-06-01" } : {};
}

/** What lists call the context window: OpenRouter and others, Groq, Mistral, vLLM, Gemini, Anthropic. */
const WINDOW_FIELDS = [
	...["context_length", "context_window", "max_context_length"],
	...["max_model_len", "inputTokenLimit", "max_input_tokens"],
];

interface ListedModel {
	id: string;
	window: number | undefined;
}

/** `data[].id` of OpenAI and Anthropic, `models[].name` of Gemini (with `models/` before it), a bare array of Together. */
function modelsIn(text: string): ListedModel[] | undefined {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return undefined; // a page, or an answer that was cut
	}
	const { data, models } = (json ?? {}) as { data?: unknown; models?: unknown };
	const list = [data, models, json].find(Array.isArray) as Record<string, unknown>[] | undefined;
	return list?.flatMap((entry) => {
		const id = entry?.["id"] ?? entry?.["name"];
		if (typeof id !== "string") return [];
		const window = WINDOW_FIELDS.map((field) => entry[field]).find(isTokenCount);
		return [{ id: id.replace(/^models\//, ""), window }];
	});
}

function isTokenCount(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value > 0;
}
