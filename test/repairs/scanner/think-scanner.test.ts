import { describe, expect, test } from "vitest";
import { type ThinkPart, ThinkScanner } from "../../../src/repairs/markup/scanner/think-scanner.ts";

/** The parts of a text as pairs of kind and text, equal neighbours joined. */
function scan(text: string, size = text.length, isPrefilled = false): [string, string][] {
	const scanner = new ThinkScanner(isPrefilled);
	const parts: ThinkPart[] = [];
	for (let at = 0; at < text.length; at += size) parts.push(...scanner.push(text.slice(at, at + size)));
	parts.push(...scanner.end());
	const out: [string, string][] = [];
	let at = 0;
	for (const part of parts) {
		const piece = part.kind === "thinking" ? part.text : text.slice(at, at + part.length);
		if ("tag" in part) expect(part.tag).toBe(text.slice(at, at + part.length));
		at += part.length;
		const last = out.at(-1);
		if (last?.[0] === part.kind && (part.kind === "text" || part.kind === "thinking")) last[1] += piece;
		else if (piece !== "" || part.kind !== "thinking") out.push([part.kind, piece]);
	}
	expect(at).toBe(text.length);
	return out;
}

const PAIRS = [
	["<think>", "</think>", true],
	["<thinking>", "</thinking>", true],
	["[THINK]", "[/THINK]", false],
	["<|channel>thought", "<channel|>", false],
	["<|channel|>analysis<|message|>", "<|end|>", false],
	["<|open|>think<|sep|>", "<|close|>think<|sep|>", false],
	["◁think▷", "◁/think▷", false],
	["<seed:think>", "</seed:think>", false],
	["<ifm|think>", "</ifm|think>", false],
	["<|START_THINKING|>", "<|END_THINKING|>", false],
	["<|inner_prefix|>", "<|inner_suffix|>", false],
	["<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>", false],
] as const;

describe.each(PAIRS)("%s", (open, close, isHtmlLike) => {
	const inner: [string, string][] = [
		["open", open],
		["thinking", "a\n\nb"],
		["close", close],
	];

	test("holds reasoning at the beginning, without the line breaks at its ends", () => {
		for (const size of [1, 2, 5, 100]) {
			expect(scan(`${open}\na\n\nb\n${close}c`, size)).toEqual([...inner, ["text", "c"]]);
			expect(scan(` \n${open}a\n\nb${close}`, size)).toEqual([["text", " \n"], ...inner]);
		}
	});

	test("within a text it counts on a line that it begins and ends, others than HTML anywhere", () => {
		expect(scan(`x\n${open}\na\n\nb${close}c`)).toEqual([["text", "x\n"], ...inner, ["text", "c"]]);
		const within = scan(`x ${open}\na\n\nb${close}c`);
		if (isHtmlLike) expect(within).toEqual([["text", `x ${open}\na\n\nb${close}c`]]);
		else expect(within).toEqual([["text", "x "], ...inner, ["text", "c"]]);
		const atLineStart = scan(`x\n${open}a\n\nb${close}c`);
		if (isHtmlLike) expect(atLineStart.map(([kind]) => kind)).toEqual(["text"]);
		else expect(atLineStart.map(([kind]) => kind)).toEqual(["text", "open", "thinking", "close", "text"]);
	});

	test("in code or a quotation it is text", () => {
		for (const text of [`a \`${open}\`\n`, `"${open}" b`, `\`\`\`\n${open}\n${close}\n\`\`\``])
			expect(scan(text).map(([kind]) => kind)).toEqual(["text"]);
	});

	test("a closing tag alone", () => {
		const kind = close === "<|end|>" ? "text" : "lone";
		expect(scan(`a${close}\nb`)).toEqual(
			kind === "text"
				? [["text", `a${close}\nb`]]
				: [
						["text", "a"],
						["lone", close],
						["text", "\nb"],
					],
		);
		expect(scan(`a${close}`).at(-1)?.[0]).toBe(kind);
		expect(scan(`a${close} b`).some(([one]) => one === "lone")).toBe(kind === "lone" && !isHtmlLike);
	});

	test("without its end everything is reasoning", () => {
		for (const size of [1, 3, 100])
			expect(scan(`${open}a${close.slice(0, -1)}`, size)).toEqual([
				["open", open],
				["thinking", `a${close.slice(0, -1)}`],
			]);
	});
});

test("a template that opened the reasoning: the text begins inside it", () => {
	expect(scan("a\n</think>\nb", 3, true)).toEqual([
		["thinking", "a"],
		["close", "</think>"],
		["text", "\nb"],
	]);
	expect(scan("\na", 1, true)).toEqual([["thinking", "\na"]]);
});

test("after the end of reasoning, a quotation before it is over", () => {
	expect(scan('<think>"</think><think>a</think>').map(([kind]) => kind)).toEqual([
		...["open", "thinking", "close", "open", "thinking", "close"],
	]);
});

test("text is decided at once where no tag can begin in it", () => {
	const scanner = new ThinkScanner(false);
	expect(scanner.skim("a b")).toBe(true);
	expect(scanner.push("a b")).toEqual([{ kind: "text", length: 3 }]);
	expect(scanner.skim("a <")).toBe(false);
	expect(scanner.push("a <")).toEqual([{ kind: "text", length: 2 }]);
	expect(scanner.skim("b")).toBe(false);
	expect(scanner.push("b")).toEqual([{ kind: "text", length: 2 }]);
	expect(scanner.skim("b")).toBe(true);
	expect(new ThinkScanner(true).skim("b")).toBe(false);
});
