import { describe, expect, test } from "vitest";
import { encodeRequest, readReply } from "../../src/pipeline/build.ts";
import { isObject, tryParseJson } from "../../src/platform/json.ts";
import { type MessageEvent, singleEvents } from "../../src/protocol/events.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { sink } from "../../src/protocol/stage.ts";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { UpstreamFailure } from "../../src/upstream/failures/failure.ts";
import { ALL_DIALECTS, counter, type Fixture, loadFixtures, makeTarget } from "../support/fixture.ts";
import { mutate, seeded } from "../support/mutate-json.ts";

const MUTANTS_PER_WIRE = 2500;

/** The frames of a reply, each with its `event:` line; undefined where one of them is no JSON object. */
function framesOf({ bytes, isStream }: NonNullable<Fixture["reply"]>): object[] | undefined {
	const texts = isStream
		? [...bytes.toString().matchAll(/^data: ?(.*)$/gm)].map(([, data = ""]) => data)
		: [bytes.toString()];
	const frames = texts.filter((text) => text.trim() !== "[DONE]").map(tryParseJson);
	return frames.length > 0 && frames.every(isObject) ? frames : undefined;
}

/** What is wrong with an event that the grammar does not look at. */
function fieldViolations(event: MessageEvent): string[] {
	const usage =
		event.type === "message_start" ? event.message.usage : event.type === "message_delta" ? event.usage : {};
	const found = Object.entries(usage)
		.filter(
			([name, value]) =>
				name.endsWith("_tokens") &&
				value !== null &&
				!(Number.isInteger(value) && Number(value) >= 0 && Number(value) < 1e9),
		)
		.map(([name, value]) => `${name} is ${JSON.stringify(value)}`);
	const { type, ...fields } = event.type === "content_block_delta" ? event.delta : { type: "" };
	for (const [name, value] of Object.entries(fields))
		if (/^(text|thinking|signature|partial_json)$/.test(name) && typeof value !== "string")
			found.push(`${type}.${name} is ${JSON.stringify(value)}`);
	if (event.type === "content_block_start" && event.content_block.type === "tool_use") {
		const { id, name, input } = event.content_block;
		if (typeof id !== "string" || id === "" || typeof name !== "string" || !isObject(input))
			found.push(`tool_use ${JSON.stringify(event.content_block)}`);
	}
	return found;
}

/** Runs frames through the whole reply side. Returns what is wrong with what Claude Code gets. */
function violationsOf({ dialect, target, request, reply }: Fixture, frames: readonly unknown[]): string[] {
	const context = { dialect, target, mintId: counter(), note: () => {} };
	const check = grammarCheck();
	const found: string[] = [];
	let last = "";
	const output = sink<MessageEvent>((joined) => {
		for (const event of singleEvents(joined)) {
			last = event.type;
			const violation = check(event);
			if (violation) found.push(violation);
			found.push(...fieldViolations(event));
		}
	});
	const line = (frame: unknown) => {
		const type = isObject(frame) && typeof frame["type"] === "string" ? `event: ${frame["type"].split("\n")[0]}\n` : "";
		return `${type}data: ${JSON.stringify(frame)}\n\n`;
	};
	const text = reply?.isStream ? `${frames.map(line).join("")}data: [DONE]\n\n` : JSON.stringify(frames[0] ?? null);
	const reader = readReply(encodeRequest(request, context, []), context, { isCommitted: () => true }, output);
	try {
		reader.push(Buffer.from(text));
		reader.end();
		if (last !== "message_stop") found.push(`ends with ${last}`);
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) found.push(String(error instanceof Error ? error.stack : error));
	}
	return found;
}

const FIXTURES = loadFixtures();

describe.each(ALL_DIALECTS)("$name", ({ name }) => {
	const cases = FIXTURES.flatMap((fixture) => {
		const frames = fixture.dialect.name === name && fixture.reply && framesOf(fixture.reply);
		return frames ? [{ fixture, frames }] : [];
	});

	test(`${MUTANTS_PER_WIRE} damaged replies are failures of the provider or well-formed`, { timeout: 120_000 }, () => {
		const random = seeded(21);
		const found = new Map<string, string>();
		for (let count = 0; count < MUTANTS_PER_WIRE; count++) {
			const one = cases[count % cases.length];
			if (!one) break;
			const frames = mutate(one.frames, random) as unknown[];
			for (const violation of violationsOf(one.fixture, frames)) {
				if (!found.has(violation.slice(0, 80)))
					found.set(
						violation.slice(0, 80),
						`${one.fixture.name}: ${violation}\n${JSON.stringify(frames).slice(0, 600)}`,
					);
			}
		}
		expect([...found.values()]).toEqual([]);
	});
});

describe("a list of something else than objects is a server error of the provider, which is retried", () => {
	const WITH: readonly (readonly [string, (list: unknown[]) => object])[] = [
		["openai-chat", (choices) => ({ choices })],
		["openai-responses", (output) => ({ object: "response", status: "completed", output })],
		["gemini", (candidates) => ({ candidates })],
		["anthropic", (content) => ({ type: "message", role: "assistant", content, stop_reason: "end_turn", usage: {} })],
	];
	const CASES = WITH.flatMap(([name, reply]) => [null, 5].map((item) => [name, reply([item])] as const));

	test.each(CASES)("%s %j", (name, reply) => {
		const dialect = ALL_DIALECTS.find((candidate) => candidate.name === name) ?? ALL_DIALECTS[0];
		if (!dialect) throw new Error(name);
		const context = { dialect, target: makeTarget(dialect.name), mintId: counter(), note: () => {} };
		const request = { model: "m", max_tokens: 9, messages: [{ role: "user" as const, content: "hi" }] };
		for (const text of [JSON.stringify(reply), `data: ${JSON.stringify(reply)}\n\n`]) {
			const reader = readReply(
				encodeRequest(request, context, []),
				context,
				{},
				sink(() => {}),
			);
			const read = () => {
				reader.push(Buffer.from(text));
				reader.end();
			};
			expect(classOf(read)).toBe("transient");
		}
	});
});

function classOf(read: () => void): string {
	try {
		read();
	} catch (error) {
		if (error instanceof UpstreamFailure) return classifyFailure(error.source).class;
		throw error;
	}
	return "answered";
}
