import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { newSessionId } from "../../src/trace/record/session-id.ts";

/** Writes the light record of a made-up session; returns its id. */
export function writeSession(folder: string, count: number, startedAt = Date.UTC(2026, 0, 5, 9)): string {
	const session = newSessionId(new Date(startedAt));
	const head = { session, startedAt, profile: "sample", version: "0", directory: "/work", pid: 1, traced: false };
	const records = Array.from({ length: count }, (_value, index) => sampleRecord(index + 1, startedAt));
	mkdirSync(folder, { recursive: true });
	const lines = [head, ...records].map((line) => `${JSON.stringify(line)}\n`);
	writeFileSync(join(folder, `${session}.jsonl`), lines.join(""));
	return session;
}

const PURPOSES = ["main", "main", "main", "subagent", "title", "web"] as const;

/** Figures that look like a real session: a growing conversation, bursts, some faults. No randomness. */
export function sampleRecord(number: number, startedAt: number): ExchangeRecord {
	const wave = (period: number) => (Math.sin((number * 2 * Math.PI) / period) + 1) / 2;
	const sentAt = 3 + (number % 11 === 0 ? 1400 : 0);
	const headersAt = sentAt + 120 + Math.round(200 * wave(7));
	const firstToken = headersAt + 300 + Math.round(1800 * wave(13));
	const duration = firstToken + 900 + Math.round(4000 * wave(5));
	const input = 18_000 + number * 37;
	const broke = number % 37 === 0;
	const cached = number === 1 || broke ? 0 : Math.round(input * 0.93);
	const kind = number % 11 === 0 ? "retry" : number % 17 === 0 ? "leaked-tool-call" : undefined;
	return {
		number,
		startedAt: startedAt + number * 9000,
		purpose: PURPOSES[number % PURPOSES.length] ?? "main",
		requestedModel: "claude-opus-4-8",
		servedModel: number % 6 === 3 ? "sample-small" : "sample-large",
		profile: "sample",
		stream: true,
		attempts: number % 11 === 0 ? 2 : 1,
		status: number % 97 === 0 ? 429 : 200,
		sentAt,
		headersAt,
		firstToken,
		duration,
		tokensPerSecond: 60,
		burstiness: 1.4,
		marks: Array.from({ length: 40 }, (_value, index) => {
			const burst = Math.floor(index / 8) * 8;
			return Math.round(firstToken + ((burst + (index % 8) * 0.4) / 40) * (duration - firstToken));
		}),
		usage: {
			input_tokens: input - cached,
			cache_read_input_tokens: cached,
			output_tokens: 200 + Math.round(600 * wave(9)),
		},
		cost: ((input - cached) * 2 + cached * 0.2 + 400 * 8) / 1e6,
		...(broke && { prefixBreak: { place: "messages[0]", byte: 312, cause: "billing line", lostTokens: input } }),
		stopReason: "tool_use",
		tools: ["Bash"],
		...(number % 97 === 0 && { failure: "rate-limit: slow down" }),
		divergences: kind ? [{ kind, where: "upstream", seen: "overloaded: busy", done: "sent again" }] : [],
	};
}
