import type { IncomingMessage, ServerResponse } from "node:http";
import type { Profile } from "../profile/model/profile.ts";
import { requestLength } from "../protocol/count-tokens.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageRequest } from "../protocol/messages.ts";
import type { ClientMarks } from "../trace/record/purpose.ts";
import { countTokens } from "./count-tokens.ts";
import type { ProxyState } from "./proxy-state.ts";
import { RequestError, readJson } from "./read-request.ts";
import { sendJson } from "./replies/reply.ts";
import { parseRequest } from "./request-schema.ts";
import { runExchange } from "./run-exchange.ts";

/** The routes that Claude Code 2.1.x uses. Every other is a 404 with an error body of the Messages API. */
export async function route(request: IncomingMessage, response: ServerResponse, proxy: ProxyState): Promise<void> {
	const [path = "/"] = (request.url ?? "/").split(/[?#]/);
	assertEncoded(path);
	const name = `${request.method} ${path}`;
	if (name === "POST /v1/messages") return postMessages(request, response, proxy);
	if (name === "POST /v1/messages/count_tokens") return postCount(request, response, proxy);
	if (name === "GET /v1/models") return sendJson(response, 200, modelList(proxy.profile));
	if (request.method === "GET" && path.startsWith("/v1/models/")) {
		const id = decodeURIComponent(path.slice("/v1/models/".length));
		const model = modelList(proxy.profile).data.find((entry) => entry.id === id);
		if (model) return sendJson(response, 200, model);
		throw new RequestError(404, "not_found_error", `the profile ${proxy.profile.name} has no model ${id}`);
	}
	if (name === "GET /" || name === "HEAD /") return sendJson(response, 200, { service: "cc-any" });
	throw new RequestError(404, "not_found_error", `cc-any has no route ${name}`);
}

/** `%zz` is no percent sequence. */
function assertEncoded(path: string): void {
	try {
		decodeURIComponent(path);
	} catch {
		throw new RequestError(400, "invalid_request_error", `the path has a broken percent sequence: ${path}`);
	}
}

async function postMessages(request: IncomingMessage, response: ServerResponse, proxy: ProxyState): Promise<void> {
	const { value, chars } = await readJson(request);
	const parsed = parseRequest(value);
	const requestChars = requestLength(parsed, chars);
	const client = { request: parsed, requestChars, betas: betasOf(request), marks: marksOf(request, parsed) };
	await runExchange(client, response, proxy);
}

/** The session and the subagent that sent the request, as Claude Code names them. */
function marksOf({ headers }: IncomingMessage, { metadata }: MessageRequest): ClientMarks {
	const [, inMetadata] = SESSION_IN_USER.exec(metadata?.user_id ?? "") ?? [];
	const session = firstOf(headers["x-claude-code-session-id"]) ?? inMetadata;
	const [agent, requestClass] = [headers["x-claude-code-agent-id"], headers["x-claude-code-request-class"]].map(
		firstOf,
	);
	return { session, agent, requestClass };
}

/** Up to 2.1.80 there is no header: `user_…_account__session_UUID`, then a JSON object (measured). */
const SESSION_IN_USER = /session(?:_|_id":")([0-9a-f-]{36})/;

function firstOf(header: string | string[] | undefined): string | undefined {
	return Array.isArray(header) ? header[0] : header;
}

/** The values of `anthropic-beta`: one header with commas, or several headers. */
function betasOf(request: IncomingMessage): string[] {
	const betas = request.headers["anthropic-beta"];
	if (betas === undefined) return [];
	return String(betas)
		.split(",")
		.map((beta) => beta.trim())
		.filter(Boolean);
}

async function postCount(request: IncomingMessage, response: ServerResponse, proxy: ProxyState): Promise<void> {
	const { value, chars } = await readJson(request);
	const counted = parseRequest(value);
	const record = proxy.newRecord(counted, marksOf(request, counted));
	const note: Note = (divergence) => record.divergences.push(divergence);
	sendJson(response, 200, { input_tokens: await countTokens(counted, requestLength(counted, chars), proxy, note) });
	proxy.onExchange({ ...record, purpose: "count", status: 200, duration: Date.now() - record.startedAt });
}

function modelList(profile: Profile) {
	const others = profile.others ?? [];
	const data = [...listed(profile, ""), ...others.flatMap((other) => listed(other, `${other.name}/`))];
	return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

function listed({ tiers, models }: Profile, prefix: string) {
	const ids = [...new Set([...Object.values(tiers), ...Object.keys(models)])];
	return ids.map((id) => ({
		type: "model" as const,
		id: prefix + id,
		display_name: models[id]?.title ?? id,
		// The API requires a date and profiles have none: the epoch, rather than an invented day.
		created_at: "1970-01-01T00:00:00Z",
	}));
}
