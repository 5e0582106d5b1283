import { asObject, type JsonObject, tryParseJson } from "../../platform/json.ts";
import { requestUrl } from "../../profile/model/base-url.ts";
import type { Target } from "../../profile/model/target.ts";
import { UpstreamFailure } from "../failures/failure.ts";
import { isTokenCount, type ListedModel, listModels } from "./list-models.ts";
import { readText, requestHeaders } from "./send.ts";
import type { Transport } from "./transport.ts";

/** What a server says about the limits of one model. */
export interface AskedLimits {
	contextWindow?: number | undefined;
	maxOutput?: number | undefined;
	/** The window is the one that the model was trained with: the server may have been started with less. */
	isUpperBound?: boolean | undefined;
}

interface Asker {
	transport: Transport;
	target: Target;
	signal: AbortSignal;
}

const MAX_REPLY_BYTES = 1024 * 1024;

/**
 * Asks a server for the limits of the target's model: its list of models; then, if that has no window and the server is
 * in the user's own network, the addresses at which local servers have it. Rejects with `UpstreamFailure` when there is no
 * reply to the first question.
 */
export async function askLimits(
	asker: Asker,
	route: { path: string; headers: Record<string, string> },
): Promise<AskedLimits> {
	const { transport, target, signal } = asker;
	const { models } = await listModels(transport, target, route, signal);
	const listed = entryFor(target.model, models);
	const maxOutput = listed?.maxOutput;
	if (listed?.window !== undefined) return { contextWindow: listed.window, maxOutput };
	const trained = listed?.trainedWindow;
	const upper: AskedLimits = trained === undefined ? {} : { contextWindow: trained, isUpperBound: true };
	const answers = isOwnNetwork(target.baseUrl) ? await Promise.all(LOCAL_SERVERS.map((ask) => ask(asker))) : [];
	const known = answers.filter(({ contextWindow }) => contextWindow !== undefined);
	const found = known.find(({ isUpperBound }) => !isUpperBound) ?? known[0] ?? upper;
	return { ...found, maxOutput: found.maxOutput ?? maxOutput };
}

/** The entry of a model. A server with a single model serves it under any name, as llama.cpp does. */
function entryFor(model: string, models: readonly ListedModel[]): ListedModel | undefined {
	const named = models.find(({ id, aliases }) => id === model || aliases.includes(model));
	return named ?? (models.length === 1 ? models[0] : undefined);
}

/** Loopback, private networks, and names that exist only in them. Others are not asked for addresses they cannot have. */
export function isOwnNetwork(baseUrl: string): boolean {
	const { hostname } = new URL(baseUrl);
	if (/^\[/.test(hostname)) return /^\[(?:::1\]|f[cde])/i.test(hostname);
	if (
		/^(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254|100\.(?:6[4-9]|[789]\d|1[01]\d|12[0-7]))\./.test(hostname)
	)
		return true;
	return (
		!hostname.includes(".") || /\.(?:local|lan|home|internal|intranet|localdomain|test|home\.arpa)$/.test(hostname)
	);
}

/** Sources: tools/server/README.md of llama.cpp, docs/api.md of Ollama, lmstudio.ai/docs/api/rest-api, docs.litellm.ai/docs/proxy/model_management. */
const LOCAL_SERVERS: readonly ((asker: Asker) => Promise<AskedLimits>)[] = [ollama, lmStudio, llamaCpp, liteLlm];

async function llamaCpp(asker: Asker): Promise<AskedLimits> {
	const { default_generation_settings: settings } = await ask(asker, "/props");
	return { contextWindow: tokensIn(asObject(settings)["n_ctx"]) };
}

/**
 * A loaded model, with the window that it was loaded with; else the window in its Modelfile, or the one that it was trained
 * with. No other server gets Ollama's POST: it could take it for a prompt.
 */
async function ollama(asker: Asker): Promise<AskedLimits> {
	const { models } = await ask(asker, "/api/ps");
	if (!Array.isArray(models)) return {};
	const { model } = asker.target;
	const loaded = entries(models).find(({ name }) => name === model || name === `${model}:latest`);
	const window = tokensIn(loaded?.["context_length"]);
	if (window !== undefined) return { contextWindow: window };
	const { parameters, model_info } = await ask(asker, "/api/show", { model });
	const [, set] = typeof parameters === "string" ? (/^num_ctx\s+(\d+)/m.exec(parameters) ?? []) : [];
	if (set) return { contextWindow: tokensIn(Number(set)) };
	const trained = Object.entries(asObject(model_info)).find(([field]) => field.endsWith(".context_length"));
	return { contextWindow: tokensIn(trained?.[1]), isUpperBound: true };
}

async function lmStudio(asker: Asker): Promise<AskedLimits> {
	const { data } = await ask(asker, "/api/v0/models");
	const model = entries(data).find(({ id }) => id === asker.target.model);
	const loaded = tokensIn(model?.["loaded_context_length"]);
	return loaded
		? { contextWindow: loaded }
		: { contextWindow: tokensIn(model?.["max_context_length"]), isUpperBound: true };
}

async function liteLlm(asker: Asker): Promise<AskedLimits> {
	const { data } = await ask(asker, "/model/info");
	const entry = entries(data).find(({ model_name }) => model_name === asker.target.model);
	const { max_input_tokens, max_output_tokens } = asObject(entry?.["model_info"]);
	return { contextWindow: tokensIn(max_input_tokens), maxOutput: tokensIn(max_output_tokens) };
}

/** The object that the server has at a path beside its version; empty if it has none. */
async function ask({ transport, target, signal }: Asker, path: string, body?: JsonObject): Promise<JsonObject> {
	const { baseUrl, query } = target;
	const url = requestUrl({ baseUrl: baseUrl.replace(/\/(?:v\d\w*|anthropic)$/, ""), query }, path);
	const { "content-type": contentType = "", ...headers } = requestHeaders(target, {});
	const request = body
		? ({ method: "POST", body: JSON.stringify(body), headers: { ...headers, "content-type": contentType } } as const)
		: ({ method: "GET", headers } as const);
	try {
		const reply = await transport.request({ url, signal, ...request });
		const text = await readText(reply, MAX_REPLY_BYTES);
		return reply.status === 200 ? asObject(tryParseJson(text)) : {};
	} catch (error) {
		if (error instanceof UpstreamFailure) return {};
		throw error;
	}
}

function entries(list: unknown): JsonObject[] {
	return Array.isArray(list) ? list.map(asObject) : [];
}

function tokensIn(value: unknown): number | undefined {
	return isTokenCount(value) ? value : undefined;
}
