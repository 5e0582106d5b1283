import type { Target } from "../profile/target.ts";
import { readText, requestHeaders } from "./send.ts";
import type { Transport } from "./transport.ts";

/** What a provider answered when it was asked for its models. */
export interface ModelList {
	/** HTTP status. */
	status: number;
	/** Ids in the provider's order; undefined where the answer was no list. */
	ids: string[] | undefined;
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
	const ids = reply.status === 200 ? idsIn(text) : undefined;
	return { status: reply.status, ids, text: text.slice(0, 200) };
}

function versionHeaders({ dialect }: Target): Record<string, string> {
	return dialect === "anthropic" ? { "anthropic-version": "2023-06-01" } : {};
}

/** `data[].id` of OpenAI and Anthropic, `models[].name` of Gemini (with `models/` before it), a bare array of Together. */
function idsIn(text: string): string[] | undefined {
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
		return typeof id === "string" ? [id.replace(/^models\//, "")] : [];
	});
}
