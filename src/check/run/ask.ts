import { randomUUID } from "node:crypto";
import type { Model } from "../../profile/model/profile.ts";
import type { Divergence } from "../../protocol/divergence.ts";
import type { BlockDelta, MessageEvent } from "../../protocol/events.ts";
import { MessageCollector } from "../../protocol/message-events.ts";
import type { Message, MessageRequest } from "../../protocol/messages.ts";

/** What the proxy recorded of an exchange, as far as the check reads it. */
export interface SeenExchange {
	divergences: readonly Divergence[];
	/** Requests that were sent to the provider. */
	attempts: number;
	/** US dollars; absent if a price is not known. */
	cost?: number | undefined;
	/** Coefficient of variation of the gaps between reads; see `Pace.burstiness`. */
	burstiness?: number | undefined;
	/** Rate limits from the headers of the reply. */
	limits?: Record<string, number> | undefined;
	/** The failure that ended it, and its class. */
	failure?: string | undefined;
	failureClass?: string | undefined;
	usage?: Message["usage"] | Partial<Message["usage"]> | undefined;
}

/** A running proxy with the profile that is checked. */
export interface CheckedProxy {
	/** `http://127.0.0.1:PORT` */
	url: string;
	token: string;
	model: Model;
	/** What was recorded of the exchange with this session id. */
	seen(session: string): SeenExchange | undefined;
}

export interface Answer {
	/** The whole reply; undefined when it failed. */
	message: Message | undefined;
	/** `TYPE: TEXT` of the error that came in place of the reply, or in the middle of it. */
	error: string | undefined;
	/** When each read with content came, in milliseconds since the request was sent. */
	times: number[];
	/** Characters in each of these reads. */
	sizes: number[];
	/** Milliseconds until the end. */
	duration: number;
	seen: SeenExchange;
}

/** The request of a probe. Model and streaming are added when it is sent. */
export type Question = Omit<MessageRequest, "model" | "stream">;

export interface Ask {
	/** Sends a question through the proxy as Claude Code would, and waits for the whole answer. Never rejects. */
	(question: Question): Promise<Answer>;
	/** The proxy's answer to `count_tokens`. */
	count(question: Question): Promise<number | undefined>;
	readonly model: Model;
}

/** Output limit of a question that sets none. Reasoning counts too. */
const DEFAULT_MAX_TOKENS = 4096;

const NOTHING_SEEN: SeenExchange = { divergences: [], attempts: 0 };

/** Asks through a running proxy. `onAnswer` gets each complete answer. */
export function askThrough(proxy: CheckedProxy, onAnswer: (answer: Answer) => void, signal?: AbortSignal): Ask {
	const ask = async (question: Question): Promise<Answer> => {
		const session = randomUUID();
		const headers = { ...headersOf(proxy), "x-claude-code-session-id": session };
		const body = bodyOf(question, proxy);
		const answer = { ...(await send(`${proxy.url}/v1/messages`, headers, body, signal)), seen: NOTHING_SEEN };
		const seen = proxy.seen(session) ?? NOTHING_SEEN;
		onAnswer({ ...answer, seen });
		return { ...answer, seen };
	};
	const count = async (question: Question): Promise<number | undefined> => {
		const url = `${proxy.url}/v1/messages/count_tokens`;
		const response = await fetch(url, { method: "POST", headers: headersOf(proxy), body: bodyOf(question, proxy) });
		return ((await response.json()) as { input_tokens?: number }).input_tokens;
	};
	return Object.assign(ask, { count, model: proxy.model });
}

function headersOf({ token }: CheckedProxy): Record<string, string> {
	return { authorization: `Bearer ${token}`, "content-type": "application/json" };
}

function bodyOf(question: Question, { model }: CheckedProxy): string {
	const defaults = {
		max_tokens: Math.min(DEFAULT_MAX_TOKENS, model.maxOutput ?? DEFAULT_MAX_TOKENS),
		thinking: { type: "disabled" },
	};
	return JSON.stringify({ ...defaults, ...question, model: model.id, stream: true });
}

async function send(
	url: string,
	headers: Record<string, string>,
	body: string,
	signal: AbortSignal | undefined,
): Promise<Omit<Answer, "seen">> {
	const start = performance.now();
	const reader = new EventReader();
	try {
		const response = await fetch(url, { method: "POST", headers, body, signal: signal ?? null });
		if (!response.ok) reader.fail(await response.text());
		else for await (const chunk of response.body ?? []) reader.read(chunk, performance.now() - start);
	} catch (error) {
		reader.fail(String(error));
	}
	return { ...reader.result(), duration: performance.now() - start };
}

/** Reads the stream of our own proxy: one `data:` line for each event. */
class EventReader {
	readonly #collector = new MessageCollector();
	readonly #decoder = new TextDecoder();
	readonly #times: number[] = [];
	readonly #sizes: number[] = [];
	#rest = "";
	#error: string | undefined;
	#isComplete = false;

	read(chunk: Uint8Array, time: number): void {
		const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
		this.#rest = lines.pop() ?? "";
		const events = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice("data: ".length));
		const size = events.reduce((sum, text) => sum + this.#take(JSON.parse(text) as MessageEvent), 0);
		if (size === 0) return;
		this.#times.push(time);
		this.#sizes.push(size);
	}

	fail(text: string): void {
		this.#error ??= errorText(text);
	}

	result(): Pick<Answer, "message" | "error" | "times" | "sizes"> {
		const error = this.#error ?? (this.#isComplete ? undefined : "the reply was cut off");
		return { message: error ? undefined : this.#collector.message, error, times: this.#times, sizes: this.#sizes };
	}

	/** Reads one event; returns the characters of its content. */
	#take(event: MessageEvent): number {
		if (event.type === "error") this.#error = `${event.error.type}: ${event.error.message}`;
		if (event.type === "message_stop") this.#isComplete = true;
		this.#collector.push(event);
		return event.type === "content_block_delta" ? sizeOf(event.delta) : 0;
	}
}

/** A signature is not content. */
function sizeOf(delta: BlockDelta): number {
	if (delta.type === "text_delta") return delta.text.length;
	if (delta.type === "thinking_delta") return delta.thinking.length;
	return delta.type === "input_json_delta" ? delta.partial_json.length : 0;
}

/** An error body of the Messages API in one line; any other text unchanged. */
function errorText(text: string): string {
	if (!text.startsWith("{")) return text;
	const { error } = JSON.parse(text) as { error?: { type?: string; message?: string } };
	return error ? `${error.type}: ${error.message}` : text;
}
