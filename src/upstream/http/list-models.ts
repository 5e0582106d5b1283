import { asObject, tryParseJson } from "../../platform/json.ts";
import { requestUrl } from "../../profile/model/base-url.ts";
import type { Target } from "../../profile/model/target.ts";
import { readText, requestHeaders } from "./send.ts";
import type { Transport } from "./transport.ts";

/** A provider's list of models. */
export interface ModelList {
	/** HTTP status. */
	status: number;
	/** Ids in the provider's order; undefined if the reply was not a list. */
	ids: string[] | undefined;
	/** Context windows in tokens, by id, if the list contains them. */
	windows: Record<string, number>;
	models: ListedModel[];
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
	const reply = await transport.request({ method: "GET", url: requestUrl(target, path), headers, signal });
	const text = await readText(reply, MAX_LIST_BYTES);
	const models = reply.status === 200 ? modelsIn(text) : undefined;
	const windows = (models ?? []).flatMap(({ id, window }) => (window === undefined ? [] : [[id, window] as const]));
	return {
		status: reply.status,
		ids: models?.map(({ id }) => id),
		windows: Object.fromEntries(windows),
		models: models ?? [],
		text: text.slice(0, 200),
	};
}

/** Names of the context window in the lists of OpenRouter, Groq, Mistral, vLLM, Gemini, Anthropic and llama.cpp (`meta`). */
const WINDOW_FIELDS = [
	...["loaded_context_length", "max_model_len", "context_length", "context_window", "max_context_length"],
	...["inputTokenLimit", "max_input_tokens", "n_ctx"],
];

/** Names of the output limit; OpenRouter has it in `top_provider`. */
const OUTPUT_FIELDS = [
	...["max_output", "max_output_tokens", "max_completion_tokens", "outputTokenLimit", "max_output_length"],
];

export interface ListedModel {
	id: string;
	aliases: string[];
	window: number | undefined;
	/** What the model was trained with; the server may have been started with less. */
	trainedWindow: number | undefined;
	maxOutput: number | undefined;
}

/** `data[].id` of OpenAI and Anthropic, `models[].name` of Gemini (with `models/` before it), a bare array of Together. */
function modelsIn(text: string): ListedModel[] | undefined {
	const json = tryParseJson(text);
	const { data, models } = asObject(json);
	const list: unknown[] | undefined = [data, models, json].find(Array.isArray);
	return list?.map(asObject).flatMap((entry) => {
		const id = entry["id"] ?? entry["name"];
		if (typeof id !== "string") return [];
		const all = { ...asObject(entry["meta"]), ...asObject(entry["top_provider"]), ...entry };
		const { aliases } = entry;
		return [
			{
				id: id.replace(/^models\//, ""),
				aliases: Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === "string") : [],
				window: WINDOW_FIELDS.map((field) => all[field]).find(isTokenCount),
				trainedWindow: [all["n_ctx_train"]].find(isTokenCount),
				maxOutput: OUTPUT_FIELDS.map((field) => all[field]).find(isTokenCount),
			},
		];
	});
}

/** Whether a value from a server can be a number of tokens. */
export function isTokenCount(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value > 0;
}
