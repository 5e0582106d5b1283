import type { UpstreamRequest } from "../../dialects/dialect.ts";
import { CODECS } from "../../dialects/index.ts";
import { buildRequest } from "../../pipeline/build.ts";
import { asObject } from "../../platform/json.ts";
import { mintId } from "../../protocol/mint-id.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import { FAILURES } from "../../upstream/failures/table.ts";
import type { Exchange } from "../exchange.ts";
import { SPOKEN_FIELDS } from "../learning/sent-fields.ts";
import type { DeliveryFailure } from "./delivery.ts";

/** How long a failure is the answer to the same messages. Claude Code sends its other forms within a second. */
const REMEMBERED_MS = 20_000;
const MAX_REMEMBERED = 20;

/** A longer text is a description, and no name. */
const MAX_NAME_CHARS = 64;
const MIN_NAME_CHARS = 3;

interface Remembered {
	at: number;
	failed: DeliveryFailure;
	/** Names in the request that was refused. */
	names: ReadonlySet<string>;
}

/**
 * Failures that no retry can help. Claude Code sends a refused request again without streaming, or with fewer betas,
 * another thinking and other tools: up to eight times (measured with 2.1.332). What was refused is still in most of these
 * forms, so the provider is not asked again.
 */
export class RepeatedFailures {
	readonly #byMessages = new Map<string, Remembered>();

	/** The failure that the same messages have just met; undefined when the provider is to be asked. */
	async find(exchange: Exchange): Promise<DeliveryFailure | undefined> {
		if (this.#byMessages.size === 0) return undefined;
		const key = keyOf(exchange);
		const known = this.#byMessages.get(key);
		if (!known || Date.now() - known.at > REMEMBERED_MS) return undefined;
		const { failure } = known.failed;
		if (isGone(failure, known.names, namesIn(await encodeAgain(exchange, known.failed)))) {
			this.#byMessages.delete(key);
			return undefined;
		}
		exchange.note({
			kind: "repeated-failure",
			where: "upstream",
			seen: `the same messages again: ${failure.message}`,
			done: "the provider was not asked again",
		});
		return known.failed;
	}

	add(failed: DeliveryFailure, exchange: Exchange): void {
		const { failure, sent } = failed;
		// Without a reply there is nothing that the provider refused.
		if (!sent || failure.status === 0 || FAILURES[failure.class].clientRetries) return;
		const key = keyOf(exchange);
		this.#byMessages.delete(key);
		this.#byMessages.set(key, { at: Date.now(), failed, names: namesIn(sent) });
		const oldest = this.#byMessages.keys().next().value;
		if (this.#byMessages.size > MAX_REMEMBERED && oldest !== undefined) this.#byMessages.delete(oldest);
	}
}

/** The request as it would be sent to the target that failed. */
async function encodeAgain(exchange: Exchange, { target }: DeliveryFailure): Promise<UpstreamRequest> {
	const { request, requestChars, betas, proxy } = exchange;
	const adapted = proxy.learned.apply(target, requestChars);
	const context = { dialect: CODECS[adapted.dialect], target: adapted, mintId, note: () => {} };
	return (await buildRequest(request, context, { betas, documents: proxy.documents })).outgoing;
}

/** One conversation of one session, with an output limit: Claude Code lowers that when input and output do not fit. */
function keyOf({ request, record, fingerprint }: Exchange): string {
	return `${record.claudeSession} ${request.max_tokens} ${fingerprint()}`;
}

/** Names of fields, short values, betas, and tools with their places: whatever an error can be about. */
function namesIn({ headers, body }: Pick<UpstreamRequest, "headers" | "body">): Set<string> {
	const names = new Set<string>();
	for (const beta of (headers["anthropic-beta"] ?? "").split(",")) names.add(beta.trim());
	for (const [key, value] of Object.entries(body)) {
		names.add(key);
		if (!SPOKEN_FIELDS.includes(key)) collectNames(value, names);
	}
	const tools = Array.isArray(body["tools"]) ? body["tools"] : [];
	for (const index of tools.keys()) for (const name of [`tools.${index}`, `tools[${index}]`]) names.add(name);
	return names;
}

function collectNames(value: unknown, names: Set<string>): void {
	if (typeof value === "string" && value.length <= MAX_NAME_CHARS) names.add(value);
	else if (typeof value === "object" && value !== null) {
		for (const [key, item] of Object.entries(asObject(value))) {
			if (!Array.isArray(value)) names.add(key);
			collectNames(item, names);
		}
	}
}

/** Whether the error is about something that the earlier request had and this one has not. */
function isGone(failure: Failure, before: ReadonlySet<string>, now: ReadonlySet<string>): boolean {
	const { message, refusal, parameter = "" } = failure;
	const paths = (refusal?.paths ?? []).map((path) => path.join("."));
	const text = [message, parameter, refusal?.value ?? "", ...paths].join(" ");
	return [...before].some((name) => name.length >= MIN_NAME_CHARS && !now.has(name) && mentions(text, name));
}

/** Whether the text holds the name as a whole word. */
function mentions(text: string, name: string): boolean {
	const at = text.indexOf(name);
	if (at < 0) return false;
	const around = `${text[at - 1] ?? " "}${text[at + name.length] ?? " "}`;
	return !/\w/.test(around) || mentions(text.slice(at + name.length), name);
}
