import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { type ClientMarks, isShownTurn, purposeOf } from "../../src/trace/record/purpose.ts";

const FOLDER = new URL("../fixtures/requests/", import.meta.url);

function recorded(name: string): MessageRequest {
	return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
}

const isShown = (request: MessageRequest, marks: ClientMarks) => isShownTurn(request, purposeOf(request, marks), marks);

describe("requests of the real Claude Code", () => {
	test.each([
		["01-first-turn-print", {}, "main"],
		["04-tool_result-midsystem", {}, "main"],
		["17-v330-first-turn", {}, "main"],
		["05-subagent-general", { agent: "a0123456789abcdef" }, "subagent"],
		["06-subagent-explore-haiku", { agent: "a0123456789abcdef" }, "subagent"],
		["07-websearch", {}, "web"],
		["10-title", {}, "title"],
	])("%s", (name, marks, purpose) => {
		expect(purposeOf(recorded(name), marks)).toBe(purpose);
		expect(isShown(recorded(name), marks)).toBe(purpose === "main");
	});
});

describe("what is recognised by its text alone (the recorded texts are filler)", () => {
	const withLast = (text: string): MessageRequest => {
		const request = recorded("09-compaction");
		const last = request.messages.at(-1) as { content: unknown };
		return {
			...request,
			messages: [
				...request.messages.slice(0, -1),
				{ role: "user", content: [...(last.content as []), { type: "text", text }] },
			],
		};
	};

	test("compaction, also of a subagent", () => {
		const request = withLast("CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.");
		expect(purposeOf(request, {})).toBe("compaction");
		expect(purposeOf(request, { agent: "a1" })).toBe("compaction");
		expect(isShown(request, {})).toBe(false);
		expect(purposeOf(withLast("go on"), {})).toBe("main");
		expect(isShown(withLast("go on"), {})).toBe(true);
	});

	test.each([
		["main", true],
		["compaction", false],
		["auxiliary", false],
		["side_reply", false],
		["workflow", false],
	])("a request of the class %s: shown as a turn: %s", (requestClass, expected) => {
		expect(isShown(withLast("go on"), { requestClass })).toBe(expected);
	});

	test("a page for WebFetch", () => {
		const page = {
			...recorded("08-webfetch"),
			messages: [{ role: "user" as const, content: "\nWeb page content:\n---\n…" }],
		};
		expect(purposeOf(page, {})).toBe("web");
	});

	test("an SDK's request without tools is its main work", () => {
		expect(purposeOf({ model: "m", messages: [{ role: "user", content: "hi" }] }, {})).toBe("main");
	});
});
