import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { replayAttempt } from "../../src/trace/explain/replay.ts";
import type { CapturedExchange } from "../../src/trace/record/capture.ts";
import { targetFile } from "../../src/trace/record/capture.ts";
import { packEvents } from "../../src/trace/record/packed-events.ts";
import { Redactor } from "../../src/trace/record/redact.ts";
import { newSessionId } from "../../src/trace/record/session-id.ts";
import { TraceStore } from "../../src/trace/store/store.ts";
import { testProfile } from "./profile.ts";
import { sampleRecord } from "./sample-session.ts";

export interface LargeTrace {
	exchanges: number;
	/** Characters that each turn adds to the conversation. */
	turn: number;
	/** Deltas of each reply, and of the last one. */
	deltas: number;
	longest: number;
}

/** Writes a traced session whose conversation grows; returns its id and the bytes of all bodies. */
export async function writeLargeTrace(
	folder: string,
	{ exchanges, turn, deltas, longest }: LargeTrace,
): Promise<{ session: string; bytes: number }> {
	const startedAt = Date.UTC(2026, 0, 6, 9);
	const session = newSessionId(new Date(startedAt));
	const store = new TraceStore(folder, session, new Redactor());
	const messages: MessageRequest["messages"] = [{ role: "user", content: prose(1, turn) }];
	const head = { session, startedAt, profile: "test", version: "0", directory: "/work", pid: 1, traced: true };
	const lines = [JSON.stringify(head)];
	let bytes = 0;
	for (let number = 1; number <= exchanges; number++) {
		const exchange = await exchangeOf(number, startedAt, messages, number === exchanges ? longest : deltas);
		lines.push(JSON.stringify(exchange.record));
		await store.save(exchange);
		bytes += exchange.attempts[0]?.reply.length ?? 0;
		bytes += JSON.stringify([exchange.request, exchange.attempts[0]?.outgoing.body]).length;
		messages.push(...turnOf(number, turn));
	}
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, `${session}.jsonl`), lines.map((line) => `${line}\n`).join(""));
	return { session, bytes };
}

function turnOf(number: number, length: number): MessageRequest["messages"] {
	const id = `toolu_${number}`;
	const call = {
		type: "tool_use",
		id,
		name: "Bash",
		input: { command: `sed -n 1,200p src/file-${number}.ts` },
	} as const;
	return [
		{ role: "assistant", content: [{ type: "text", text: prose(number * 7, 400) }, call] },
		{ role: "user", content: [{ type: "tool_result", tool_use_id: id, content: prose(number * 13, length) }] },
	];
}

async function exchangeOf(
	number: number,
	startedAt: number,
	messages: readonly MessageRequest["messages"][number][],
	deltas: number,
): Promise<CapturedExchange> {
	const target = targetOf(testProfile("http://127.0.0.1"), "test-model");
	const request: MessageRequest = {
		model: "claude-opus-4-8",
		max_tokens: 64_000,
		stream: true,
		system: prose(3, 12_000),
		tools: Array.from({ length: 20 }, (_value, index) => ({
			name: `Tool${index}`,
			description: prose(index, 1500),
			input_schema: { type: "object", properties: {} },
		})),
		messages: [...messages],
	};
	const { bytes, reads } = replyOf(number, deltas);
	const reply = { bytes, isStream: true };
	const { outgoing, events } = await replayAttempt(request, target, { betas: [], reply }, true);
	const first = events.findIndex(({ type }) => type === "content_block_delta");
	return {
		record: { ...sampleRecord(number, startedAt), profile: "test" },
		request,
		betas: [],
		attempts: [
			{
				target: targetFile(target),
				outgoing,
				inputs: {},
				head: { status: 200, headers: { "content-type": "text/event-stream" } },
				reply: new Uint8Array(bytes),
				reads,
				events: packEvents(events),
				eventReads: events.map((_event, index) => Math.min(deltas - 1, Math.max(0, index - first))),
			},
		],
	};
}

/** A stream of one read per delta. */
function replyOf(number: number, deltas: number): { bytes: Buffer; reads: [time: number, bytes: number][] } {
	const words = prose(number, 6 * deltas + 6).match(/\S+\s*/g) ?? [];
	const chunks = Array.from({ length: deltas }, (_value, index) => {
		const delta = { content: words[index % words.length] };
		const choices = [{ index: 0, delta, finish_reason: index === deltas - 1 ? "stop" : null }];
		const chunk = { id: `chatcmpl-${number}`, object: "chat.completion.chunk", model: "test-model", choices };
		return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
	});
	return { bytes: Buffer.concat(chunks), reads: chunks.map(({ length }, index) => [400 + index, length]) };
}

const WORDS =
	"the file of a request that was read again by one more worker before its lines changed when nothing held".split(" ");

/** Words that repeat late, so that compression finds as much as in real text. No randomness. */
function prose(seed: number, length: number): string {
	let [state, text] = [seed + 1, ""];
	while (text.length < length) {
		state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
		const word = WORDS[(state >>> 8) % WORDS.length] ?? "";
		text += state % 3 === 0 ? `${word}${state % 1000} ` : `${word} `;
	}
	return text.slice(0, length);
}
