import { asObject, tryParseJson } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";
import { readText, requestHeaders } from "./send.ts";
import type { Transport } from "./transport.ts";

/** A provider's list of models. */
export interface ModelList {
	/** HTTP status. */
	status: number;
	/** Ids in the provider's order; undefined where the reply was not a list. */
	ids: string[] | undefined;
	/** Context windows in tokens, by id, where the list contains them. */
	windows: Record<string, number>;
	/** The first characters of the reply, for an error message. */
	text: string;
}

/** OpenRouter's list has about 500 KB. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;

/**
 * Requests a provider's list of models. `route` is the dialect's own. Rejects with `UpstreamFailure` when there is no
 * reply.
 */
export async function listModels(
	transport: Transport,
	target: Target,
	route: { path: string; headers: Record<string, string> },
	signal: AbortSignal,
): Promise<ModelList> {
	const { path } = route;
	const { "content-type": _none, ...headers } = requestHeaders(target, route.headers);
	const reply = await transport.request({ method: "GET", url: `${target.baseUrl}${path}`, headers, signal });
	const text = await readText(reply, MAX_LIST_BYTES);
	const models = reply.status === 200 ? modelsIn(text) : undefined;
	const windows = (models ?? []).flatMap(({ id, window }) => (window === undefined ? [] : [[id, window] as const]));
	return {
		status: reply.status,
		ids: models?.map(({ id }) => id),
		windows: Object.fromEntries(windows),
		text: text.slice(0, 200),
	};
}

/** Names of the context window in the lists of OpenRouter, Groq, Mistral, vLLM, Gemini and Anthropic. */
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
	const json = tryParseJson(text);
	const { data, models } = asObject(json);
	const list: unknown[] | undefined = [data, models, json].find(Array.isArray);
	return list?.map(asObject).flatMap((entry) => {
		const id = entry["id"] ?? entry["name"];
		if (typeof id !== "string") return [];
		const window = WINDOW_FIELDS.map((field) => entry[field]).find(isTokenCount);
		return [{ id: id.replace(/^models\//, ""), window }];
	});
}

function isTokenCount(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value > 0;
}
