import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseSync } from "oxc-parser";
import { check } from "recheck";
import { describe, expect, test } from "vitest";
import { Redactor } from "../../src/trace/record/redact.ts";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";

const source = resolve(import.meta.dirname, "../../src");

/** Patterns that may take quadratic time, and why that harms nobody. */
const ACCEPTED = new Map([["/\\/+$/", "trims the base URL of a file that the user wrote or trusted"]]);

/** Every regular expression in the source, with the file that has it first. */
function patternsIn(folder: string): Map<string, { file: string; pattern: string; flags: string }> {
	const found = new Map<string, { file: string; pattern: string; flags: string }>();
	const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
	for (const file of files) {
		JSON.stringify(parseSync(file, readFileSync(join(folder, file), "utf8")).program, (_key, node) => {
			if (node?.type === "Literal" && node.regex) {
				const { pattern, flags } = node.regex;
				const literal = `/${pattern}/${flags}`;
				if (!found.has(literal)) found.set(literal, { file, pattern, flags });
			}
			return typeof node === "bigint" ? String(node) : node;
		});
	}
	return found;
}

test("no regular expression takes more than linear time", { timeout: 300_000 }, async () => {
	const patterns = patternsIn(source);
	expect(patterns.size).toBeGreaterThan(200);
	const vulnerable: string[] = [];
	for (const [literal, { file, pattern, flags }] of patterns) {
		// What the analysis cannot decide in this time is covered by the measurements below.
		const { status } = await check(pattern, flags, { checker: "automaton", timeout: 1000 });
		if (status === "vulnerable" && !ACCEPTED.has(literal)) vulnerable.push(`${file}: ${literal}`);
	}
	expect(vulnerable).toEqual([]);
});

/** Pieces of which long texts are made: characters that patterns repeat, and words of the patterns for errors. */
const UNITS = [
	...[
		" ",
		"\n",
		"a",
		"0",
		"1,",
		"1 ",
		"-",
		"_.",
		"{",
		"[",
		"(",
		'"',
		"'",
		"`",
		"\\",
		'\\"',
		"<",
		"/",
		": ",
		"限额",
		"。",
	],
	...["<title ", "eyJ", "sk-", "key=", "bearer ", "-----BEGIN PRIVATE KEY-----", "signature ", "thinking ", "missing "],
	...["reasoning_content ", "content ", "tool ", "system ", "role ", "model ", "encrypted content ", "please wait "],
	...[
		"max_tokens ",
		"limit ",
		"prompt ",
		"requested ",
		"at most ",
		"'input' ",
		"loc ",
		"['loc': (",
		"supported values are ",
	],
];

/** Quadratic time is above 5 s for 200,000 characters; linear time is a few milliseconds. */
const LIMIT_MS = 1500;

describe.each([50_000, 200_000])("a provider's text of %i characters is read in linear time", (length) => {
	const readers: Record<string, (text: string) => unknown> = {
		"as a message": (text) => fail({ error: { message: text } }),
		"as a code": (text) => fail({ error: { message: "x", code: text, type: text, param: text } }),
		"as FastAPI's detail": (text) => fail({ detail: [{ loc: ["body", text], msg: text, type: text }] }),
		"as plain text": (text) => classifyFailure({ status: 503, headers: {}, body: text }),
		"as a page": (text) => classifyFailure({ status: 502, headers: {}, body: `<html>${text}` }),
		"by the redactor": (text) => new Redactor().text(text),
	};

	test.each(Object.entries(readers))("%s", (_reader, read) => {
		const slow = UNITS.flatMap((unit) => {
			const start = performance.now();
			read(`${unit.repeat(Math.ceil(length / unit.length))}!`);
			const taken = performance.now() - start;
			return taken > LIMIT_MS ? [`${JSON.stringify(unit)}: ${Math.round(taken)} ms`] : [];
		});
		expect(slow).toEqual([]);
	});
});

function fail(body: unknown) {
	return classifyFailure({ status: 400, headers: {}, body: JSON.stringify(body) });
}
