import { expect } from "vitest";
import { encodeRequest, readReply } from "../../src/pipeline/build.ts";
import type { DialectName } from "../../src/profile/model/quirks.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { MessageCollector } from "../../src/protocol/message-events.ts";
import type { Message } from "../../src/protocol/messages.ts";
import { sink } from "../../src/protocol/stage.ts";
import { ALL_DIALECTS, counter, makeTarget } from "./fixture.ts";
import { sampleRequest } from "./run-repair.ts";
import { TOKENS, type Turn } from "./wire-replies.ts";

const STOPS = { end: "end_turn", calls: "tool_use", limit: "max_tokens", refused: "refusal" };

export interface ReadReply {
	message: Message | undefined;
	notes: Divergence[];
	violations: string[];
}

/** What the pipeline makes of a reply that arrives in reads of so many bytes. */
export function readBody(dialectName: DialectName, body: string, step: number): ReadReply {
	const dialect = ALL_DIALECTS.find(({ name }) => name === dialectName);
	if (!dialect) throw new Error(dialectName);
	const notes: Divergence[] = [];
	const context = {
		dialect,
		target: makeTarget(dialectName),
		mintId: counter(),
		note: (note: Divergence) => notes.push(note),
	};
	const collector = new MessageCollector();
	const check = grammarCheck();
	const violations: string[] = [];
	const output = sink((event: MessageEvent) => {
		violations.push(...[check(event)].filter((violation) => violation !== undefined));
		collector.push(event);
	});
	const encoded = encodeRequest(sampleRequest, context, []);
	notes.length = 0;
	const reader = readReply(encoded, context, {}, output);
	const bytes = Buffer.from(body);
	for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
	reader.end();
	return { message: collector.message, notes, violations };
}

/** Expects the reply to say what the turn says. */
export function expectTurn({ message, violations }: ReadReply, turn: Turn, isCounted = true): void {
	const blocks = message?.content ?? [];
	const said = (type: string, field: string) =>
		blocks
			.flatMap((block) => (block.type === type ? [(block as unknown as Record<string, string>)[field]] : []))
			.join("");
	const calls = blocks.flatMap((block) =>
		block.type === "tool_use" ? [{ name: block.name, input: block.input as object }] : [],
	);
	expect({
		thinking: said("thinking", "thinking"),
		text: said("text", "text"),
		calls,
		stop: message?.stop_reason,
		...(isCounted && { input: message?.usage.input_tokens, output: message?.usage.output_tokens }),
		violations,
	}).toEqual({
		thinking: turn.thinking ?? "",
		text: turn.text ?? "",
		calls: turn.calls ?? [],
		stop: STOPS[turn.end],
		...(isCounted && TOKENS),
		violations: [],
	});
}
