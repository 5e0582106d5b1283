import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ContentBlock } from "../../src/protocol/messages.ts";
import { responseRepairs } from "../../src/repairs/index.ts";
import { grammarTable } from "../../src/repairs/markup/index.ts";
import { leakedToolCalls } from "../../src/repairs/response/leaked-tool-calls.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { runRepairs } from "../support/run-repair.ts";
import { LEAK_FAMILIES } from "./all-families.ts";
import type { Meant } from "./leak-family.ts";

test("every grammar has its cases", () => {
	const names = grammarTable.grammars.map(({ name }) => name);
	expect(new Set(LEAK_FAMILIES.map(({ grammar }) => grammar))).toEqual(new Set(names));
	// Every opener begins a call in some case.
	const written = LEAK_FAMILIES.flatMap(({ write, also }) => [write([READ]), ...also.map(([, markup]) => markup)]);
	const isWritten = (opener: string) => written.some((markup) => markup.includes(opener));
	const openers = grammarTable.grammars.flatMap((grammar) => grammar.openers);
	expect(openers.filter((opener) => !isWritten(opener))).toEqual([]);
});

const READ: Meant = ["Read", { file_path: "/a/b.ts", limit: 20 }];
const BASH: Meant = ["Bash", { command: "ls -la <x> && echo 'a & b' > \"c\" | wc", run_in_background: true }];
const NESTED: Meant = [
	"TodoWrite",
	{
		todos: [
			{ content: "first {x}", status: "open", priority: 1 },
			{ content: "second", status: "done", priority: 2 },
		],
	},
];
const UNICODE: Meant = ["Write", { file_path: "/ä/文.md", content: "Grüße 👩‍👩‍👧 \u2028 \\n „quoted“\nline two" }];

const PIECES = [
	"a",
	" ",
	"\n",
	'"',
	"'",
	"<",
	"</",
	"{",
	"}",
	"]",
	"\\",
	"\\n",
	"|",
	"&amp;",
	"🦊",
	"=",
	"(",
	"<b>",
	"```",
	"a < b && c",
	"null",
];
const anyText = fc
	.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 10 })
	.map((pieces) => pieces.join(""))
	.filter((one) => one.trim() === one);
const anyCall: fc.Arbitrary<Meant> = fc.oneof(
	anyText.map((command): Meant => ["Bash", { command }]),
	anyText.map((content): Meant => ["Write", { file_path: "/a b.ts", content }]),
	fc.integer({ min: 1, max: 3000 }).map((limit): Meant => ["Read", { file_path: "/x", limit }]),
);

const run = (content: string, size: Parameters<typeof reply>[2] = 0) =>
	runRepairs([leakedToolCalls], reply([text(content)], "end_turn", size));

/** The result must be the same for every size of piece and every place of a cut. */
function runCut(content: string) {
	const whole = run(content);
	const summary = ({ content, stop }: typeof whole) => JSON.stringify({ content, stop });
	const expected = summary(whole);
	for (const size of [1, 2, 3, 5, 7, 16]) expect(summary(run(content, size)), `pieces of ${size}`).toBe(expected);
	// Long texts only repeat what shorter ones hold: every third place will do.
	for (let at = 1; at < content.length; at += content.length > 400 ? 3 : 1) {
		const cut = summary(run(content, (rest) => (rest.length === content.length ? at : rest.length)));
		if (cut !== expected) expect(cut, `cut at ${at}`).toBe(expected);
	}
	return whole;
}

/** The input with the order of its keys. */
const inputText = (block: ContentBlock) => JSON.stringify(block.type === "tool_use" ? block.input : undefined);

const asBlocks = (calls: readonly Meant[]) =>
	calls.map(([name, input], index) => call(name, input, `toolu_${index + 1}`));

describe.each(LEAK_FAMILIES.map((family) => [family.name ?? family.grammar, family] as const))(
	"%s",
	(_title, family) => {
		const { grammar } = family;

		test.each([
			["one call", [READ]],
			["<, > and &", [BASH]],
			["nested values", [NESTED]],
			["Unicode", [UNICODE]],
			["several calls", [READ, BASH, UNICODE]],
		] as [string, Meant[]][])("%s", (_name, calls) => {
			const { content, stop, notes } = runCut(family.write(calls));
			expect(content).toEqual(asBlocks(calls));
			expect(content.map(inputText)).toEqual(asBlocks(calls).map(inputText));
			expect(stop).toBe("tool_use");
			expect(notes.length).toBe(calls.length);
			expect(notes[0]).toMatchObject({ kind: "leaked-tool-call", seen: expect.stringContaining(`${grammar}:`) });
		});

		test.each(family.also)("%s", (_name, markup, calls) => {
			const { content, stop, notes } = runCut(markup);
			expect(content).toEqual(asBlocks(calls));
			expect(stop).toBe("tool_use");
			expect(notes.every(({ seen }) => seen.startsWith(`${grammar}:`))).toBe(true);
		});

		test("text around", () => {
			const around = runCut(`Now I look.\n\n${family.write([READ])}\n\nThen I go on.`);
			if (family.wholeMessage) expect(around.notes).toEqual([]);
			else expect(around.content).toEqual([text("Now I look.\n\n\n\nThen I go on."), ...asBlocks([READ])]);
		});

		test.each(family.unterminated)("unterminated: %s", (_name, markup, calls) => {
			const { content, stop } = runCut(markup);
			expect(content).toEqual(calls.length > 0 ? asBlocks(calls) : [text(markup)]);
			expect(stop).toBe(calls.length > 0 ? "tool_use" : "end_turn");
		});

		test("cut off by the output limit: what is not complete is never completed", () => {
			const markup = family.write([UNICODE]);
			for (let length = 1; length < markup.length - 40; length += 7) {
				const cut = runRepairs([leakedToolCalls], reply([text(markup.slice(0, length))], "max_tokens"));
				expect(cut.content).toEqual([text(markup.slice(0, length))]);
				expect(cut.stop).toBe("max_tokens");
			}
		});

		test.each([
			["in a fence", (markup: string) => `An example:\n\`\`\`\`xml\n${markup}\n\`\`\`\`\nThat is all.`],
			["indented", (markup: string) => `An example:\n\n${markup.replaceAll(/^/gm, "    ")}`],
			["in a block quote", (markup: string) => markup.replaceAll(/^/gm, "> ")],
			["in inline code", (markup: string) => `So: \`\`${markup.replaceAll("\n", " ")}\`\` and so on.`],
			["quoted", (markup: string) => `The text "${markup.replaceAll("\n", " ")}" calls it.`],
		])("%s it is an example", (_name, quote) => {
			const content = quote(family.write([READ]));
			expect(runCut(content).content).toEqual([text(content)]);
		});

		test("a tool that is not offered", () => {
			const content = family.write([["Launch", { target: "moon" }]]);
			expect(runCut(content).content).toEqual([text(content)]);
		});

		test.each(family.nearMisses)("near miss: %s", (content) => {
			expect(runCut(content).content).toEqual([text(content)]);
			expect(runCut(`${content}\nAnd on.`).notes).toEqual([]);
		});

		test("any calls through all repairs, in the text and in the reasoning; cut off, no other call", () => {
			const property = fc.property(fc.array(anyCall, { minLength: 1, maxLength: 3 }), fc.nat(), (calls, at) => {
				fc.pre(!calls.some(([, input]) => Object.values(input).some((value) => family.cannotWrite?.(String(value)))));
				const markup = family.write(calls);
				const made = (block: ContentBlock, stop: "end_turn" | "max_tokens") =>
					runRepairs(responseRepairs, reply([block], stop, 5)).content.filter(({ type }) => type === "tool_use");
				expect(made(text(markup), "end_turn")).toEqual(asBlocks(calls));
				if (!family.wholeMessage) expect(made(thinking(`Hm.\n${markup}`), "end_turn")).toEqual(asBlocks(calls));
				const cut = made(text(markup.slice(0, at % markup.length)), "max_tokens");
				expect(cut).toEqual(asBlocks(calls).slice(0, cut.length));
			});
			fc.assert(property, { numRuns: 6, seed: 22 });
		});

		test("any value, in any pieces", () => {
			const value = fc.string({ unit: "grapheme", minLength: 1 }).filter((one) => !family.cannotWrite?.(one));
			const property = fc.property(value, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (content, sizes) => {
				// A text that JSON itself would read differently is no test of the markup.
				fc.pre(content.trim() === content);
				const meant: Meant[] = [["Write", { file_path: "/a", content }]];
				const { content: blocks } = run(family.write(meant), () => sizes.next().value as number);
				expect(blocks).toEqual(asBlocks(meant));
			});
			fc.assert(property, { numRuns: 30 });
		});
	},
);
