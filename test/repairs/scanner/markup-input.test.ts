import { describe, expect, test } from "vitest";
import { MarkupInput, type Reading } from "../../../src/repairs/markup/scanner/markup-input.ts";

/** The result of a reader when the text comes in these pieces and then ends; the number of pieces that it needed. */
function read<T>(reader: (input: MarkupInput) => Reading<T>, first: string, ...more: string[]) {
	const input = new MarkupInput(first);
	const reading = reader(input);
	const pieces = [...more];
	for (let fed = 0; ; fed++) {
		const step = reading.next();
		if (step.done) return { value: step.value, rest: input.rest, markup: input.markup, fed };
		const piece = pieces.shift();
		if (piece === undefined) input.end();
		else input.feed(piece);
	}
}

describe("oneOf", () => {
	const oneOf =
		(...literals: string[]) =>
		(input: MarkupInput) =>
			input.oneOf(literals);

	test.each<[string, string[], string[], string | undefined, string, number]>([
		["what comes next", ["<a>", "<b>"], ["<b>x"], "<b>", "x", 0],
		["the longest", ["<a", "<ab", "<abc"], ["<abd"], "<ab", "d", 0],
		["waits for a longer one", ["<a", "<abc"], ["<ab", "c"], "<abc", "", 1],
		["does not wait where none can come", ["<abc"], ["<ax"], undefined, "<ax", 0],
		["a shorter one at the end", ["<a", "<abc"], ["<ab"], "<a", "b", 1],
		["nothing", ["<a"], [""], undefined, "", 1],
	])("%s", (_name, literals, [first = "", ...more], value, rest, fed) => {
		expect(read(oneOf(...literals), first, ...more)).toEqual({ value, rest, markup: value ?? "", fed });
	});

	test("literal says whether", () => {
		expect(read((input) => input.literal("<a"), "<", "ab").value).toBe(true);
		expect(read((input) => input.literal("<a"), "<b").value).toBe(false);
	});
});

describe("comes", () => {
	const comes = (atEnd?: boolean) => (input: MarkupInput) => input.comes(["<a>", "<b>"], atEnd);

	test.each<[string, string[], boolean | undefined, boolean, number]>([
		["next", ["<a>"], false, true, 0],
		["after white space", [" \n<b>"], false, true, 0],
		["cut", [" ", "\n<", "b>"], false, true, 2],
		["another text", [" <c"], false, false, 0],
		["the end", [" "], undefined, false, 1],
		["the end, where it counts", [" "], true, true, 1],
		["a part at the end, where it counts", [" <a"], true, false, 1],
		["256 characters of white space", [" ".repeat(256), "<a>"], false, true, 1],
		["257 characters of white space", [" ".repeat(257), "<a>"], false, false, 0],
	])("%s", (_name, [first = "", ...more], atEnd, value, fed) => {
		expect(read(comes(atEnd), first, ...more)).toEqual({
			value,
			rest: [first, ...more.slice(0, fed)].join(""),
			markup: "",
			fed,
		});
	});
});

test("space reads all white space that follows", () => {
	const space = (input: MarkupInput) => input.space();
	expect(read(space, " \n", "\t x")).toEqual({ value: undefined, rest: "x", markup: " \n\t ", fed: 1 });
	expect(read(space, "x ")).toMatchObject({ rest: "x ", fed: 0 });
	expect(read(space, " ")).toMatchObject({ rest: "", fed: 1 });
});

test("peek reads nothing", () => {
	const peek = (input: MarkupInput) => input.peek();
	expect(read(peek, "", "ab")).toEqual({ value: "a", rest: "ab", markup: "", fed: 1 });
	expect(read(peek, "")).toMatchObject({ value: "", fed: 1 });
});

describe("until", () => {
	const until = (input: MarkupInput) => input.until(["</a>", "</ab>"]);

	test("reads up to the first terminator", () => {
		expect(read(until, "x</ab>y</a>")).toEqual({
			value: { text: "x", found: "</ab>" },
			rest: "y</a>",
			markup: "x</ab>",
			fed: 0,
		});
		expect(read(until, "x</", "a", ">y")).toMatchObject({ value: { text: "x", found: "</a>" }, rest: "y", fed: 2 });
		expect(read(until, "x", "</a")).toMatchObject({ value: { text: "x</a", found: "" }, rest: "", fed: 2 });
	});

	test("keeps no more text unread than a terminator could begin in", () => {
		const input = new MarkupInput("0123456789");
		input.until(["</ab>"]).next();
		expect([input.markup, input.rest, input.length]).toEqual(["012345", "6789", 6]);
	});
});

test("toEnd reads everything, and only at the end", () => {
	expect(read((input) => input.toEnd(), "a", "b", "c")).toEqual({ value: "abc", rest: "", markup: "abc", fed: 3 });
});

describe("name", () => {
	const name = (input: MarkupInput) => input.name();

	test.each([" ", "\n", "<", ">", "{", "}", "(", ")", "[", "]", '"', "'", "|", "=", ",", ";"])(
		"ends before %j",
		(end) => {
			expect(read(name, `a.b-c:1/d${end}x`)).toMatchObject({ value: "a.b-c:1/d", rest: `${end}x` });
		},
	);

	test("has less than 200 characters", () => {
		expect(read(name, "x".repeat(199), "=").value).toBe("x".repeat(199));
		expect(read(name, "x".repeat(200), "=")).toMatchObject({ value: "", fed: 0 });
		expect(read(name, "ab", "c").value).toBe("abc");
	});
});

describe("tag", () => {
	const tag = (input: MarkupInput) => input.tag();

	test("reads from < to >", () => {
		expect(read(tag, "<a b>c")).toMatchObject({ value: "<a b>", rest: "c", fed: 0 });
		expect(read(tag, "", "<a", ">")).toMatchObject({ value: "<a>", rest: "", fed: 2 });
		expect(read(tag, "a<b>")).toMatchObject({ value: "", rest: "a<b>", fed: 0 });
		expect(read(tag, "<a")).toMatchObject({ value: "", rest: "<a", fed: 1 });
	});

	test("of at most 200 characters", () => {
		expect(read(tag, `<${"x".repeat(198)}>`).value).toHaveLength(200);
		expect(read(tag, `<${"x".repeat(199)}`, ">")).toMatchObject({ value: "", fed: 0 });
	});
});

describe("json", () => {
	const json = (input: MarkupInput) => input.json();

	test.each<[string[], string | undefined, string]>([
		[['{"a":"}"} x'], '{"a":"}"}', " x"],
		[["[1,[2]]]"], "[1,[2]]", "]"],
		[['{"a":', "{}", "}{"], '{"a":{}}', "{"],
		[['{"a\\"}', '":1}'], '{"a\\"}":1}', ""],
		[['{"a"'], undefined, ""],
		[['{"a":<b>'], undefined, "<b>"],
		[["x{}"], undefined, "x{}"],
		[["", "{}"], "{}", ""],
	])("%j", ([first = "", ...more], value, rest) => {
		expect(read(json, first, ...more)).toMatchObject({ value, rest });
	});
});

describe("unread and rewind", () => {
	test("make characters unread", () => {
		const input = new MarkupInput("abcdef");
		input.until(["d"]).next();
		input.unread(0);
		expect([input.markup, input.rest]).toEqual(["abcd", "ef"]);
		input.unread(3);
		expect([input.markup, input.rest]).toEqual(["a", "bcdef"]);
		input.rewind();
		expect([input.markup, input.rest, input.length]).toEqual(["", "abcdef", 0]);
		input.until(["c"]).next();
		input.feed("gh");
		input.rewind();
		expect([input.markup, input.rest]).toEqual(["", "abcdefgh"]);
	});

	test("text is exhausted when all is read and no more comes", () => {
		const input = new MarkupInput("a");
		input.end();
		expect(input.isExhausted).toBe(false);
		input.literal("a").next();
		expect(input.isExhausted).toBe(true);
		expect(new MarkupInput("").isExhausted).toBe(false);
	});
});
