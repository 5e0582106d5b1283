import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ESCAPE, printable, printableJson, printableLine } from "../../src/platform/printable.ts";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";

/** Clears the screen, sets the title, hides text, draws over the line, reverses the reading direction. */
const HOSTILE =
	"a\u001b[2Jb\u001b]0;owned\u0007c\u001b[8md\re\u009b31mf\u202eg\u2066h\u0000i\u001b]8;;http://evil\u001b\\j";
const VISIBLE = "abcde31mfghij";
const DANGEROUS = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const STYLE = new RegExp(`${ESCAPE}\\[(?:1|2|22|31|32|33|36|39)m`, "g");

describe("printable text", () => {
	test("has no escape sequence, control character or direction mark", () => {
		expect(printable(HOSTILE)).toBe(VISIBLE);
		expect(printable("tab\tand\nline, häuser, 日本語, 👩‍👩‍👧")).toBe("tab\tand\nline, häuser, 日本語, 👩‍👩‍👧");
		expect(printableLine("a\nb")).toBe("a b");
	});

	test("an unfinished sequence hides nothing that follows it", () => {
		const text = `\u001b]0;${"x".repeat(2000)} the end`;
		expect(printable(text)).toBe(text.slice(1));
	});

	test("JSON keeps everything, in a form that can be shown", () => {
		const text = printableJson({ text: HOSTILE });
		expect(text).not.toMatch(DANGEROUS);
		expect(JSON.parse(text)).toEqual({ text: HOSTILE });
	});

	test("is made in linear time: quadratic time is above 5 s for this length", () => {
		for (const unit of ["\u001b[", "\u001b]", "\u001b[1;", " \n"]) {
			const text = unit.repeat(200_000 / unit.length);
			const start = performance.now();
			printable(text);
			expect(performance.now() - start, JSON.stringify(unit)).toBeLessThan(1500);
		}
	});
});

describe("a hostile provider and project", () => {
	let sandbox: Sandbox;
	let server: FaultServer;
	let profile: string;
	const ask = { model: "claude-opus-4-8", max_tokens: 9, stream: true, messages: [{ role: "user", content: HOSTILE }] };

	beforeEach(async () => {
		sandbox = new Sandbox();
		server = await startFaultServer((request, number) => {
			if (request.url?.includes("models")) {
				return { status: 200, body: JSON.stringify({ data: [{ id: HOSTILE, context_length: 9000 }] }) };
			}
			if (number % 2 === 0)
				return { status: 400, body: JSON.stringify({ error: { message: HOSTILE, code: HOSTILE } }) };
			const chunk = chatChunk({ content: `${HOSTILE}<tool_call>{"name":"x"` });
			return {
				stream: [
					chunk.replace(/"model":"[^"]*"/, `"model":${JSON.stringify(HOSTILE)}`),
					chatChunk({}, "stop"),
					"data: [DONE]\n\n",
				],
			};
		});
		profile = sandbox.profile(`${server.url}/v1`);
	});
	afterEach(async () => {
		sandbox.close();
		await server.close();
	});

	/** The arguments of each command, run in this order. */
	const commands = (): string[][] => [
		["--profile", profile, "--trace", "--statusline", "-p", "hi"],
		["--profile", profile, "--trace", "-p", "hi"],
		["trace"],
		["trace", "show", "last"],
		["trace", "show", "last", "1"],
		["trace", "show", "last", "1", "--json"],
		["trace", "explain", "last"],
		["usage", "--by", "model"],
		["models", profile],
		["doctor", "--profile", profile],
		["check", profile, "--only", "text", "--runs", "1"],
		["profiles", "show", sandbox.path("work/hostile.yaml")],
		["trust", sandbox.path("work/hostile.yaml")],
	];

	test.each([{ FORCE_COLOR: "1" }, { NO_COLOR: "1" }])("do not reach the terminal with %o", async (colours) => {
		const environment = sandbox.environment({ ask }, { SAMPLE_API_KEY: "sk-sample", ...colours });
		const hostile = { title: HOSTILE, notes: [HOSTILE], headers: { [HOSTILE]: "x" }, extends: "demo" };
		writeFileSync(sandbox.path("work/hostile.yaml"), JSON.stringify(hostile));
		const shown: Record<string, string> = {};
		for (const args of commands()) {
			const run = sandbox.ccAny(args, environment);
			await run.ended;
			shown[args.join(" ")] = `${run.stdout}\n${run.stderr}`;
		}
		for (const [command, text] of Object.entries(shown)) {
			expect(DANGEROUS.exec(text.replaceAll(STYLE, ""))?.[0], command).toBeUndefined();
		}
		expect(Object.values(shown).join("")).toContain(VISIBLE);
	});
});
