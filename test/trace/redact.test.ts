import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor } from "../../src/trace/record/redact.ts";
import { redactSequence, redactStream } from "../../src/trace/record/redact-sequence.ts";

const KEY = 'k"ey-of-the-provider';

describe("known secrets and known shapes", () => {
	const redactor = new Redactor([KEY], ["employee-\\d+"]);
	test.each([
		[`plain ${KEY}.`, "plain [redacted]."],
		[JSON.stringify({ text: KEY }), '{"text":"[redacted]"}'],
		[`?key=${encodeURIComponent(KEY)}`, "?key=[redacted]"],
		["Authorization: Bearer abcdefgh1234", "Authorization: Bearer [redacted]"],
		['{"x-api-key":"abcdefgh1234"}', '{"x-api-key":"[redacted]"}'],
		[JSON.stringify('{"api_key": "abcdefgh1234"}'), JSON.stringify('{"api_key": "[redacted]"}')],
		[["sk", "ant", "0123456789abcdefghij"].join("-"), "[redacted]"],
		["token ghp_abcdefghijklmnopqrstuvwx", "token [redacted]"],
		["AKIAABCDEFGHIJKLMNOP", "[redacted]"],
		["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "[redacted]"],
		["mail to employee-4711 now", "mail to [redacted] now"],
		["nothing to hide: sk-learn, task-1, Bearer of news", "nothing to hide: sk-learn, task-1, Bearer of news"],
	])("%s", (text, kept) => expect(redactor.text(text)).toBe(kept));
});

describe("secrets in pieces", () => {
	const redactor = new Redactor([KEY]);

	test("wherever a stream is cut, nothing of the secret is left", () => {
		const text = `before ${KEY} between ${KEY} after`;
		fc.assert(
			fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (places) => {
				const edges = [0, ...places.sort((a, b) => a - b), text.length];
				const pieces = edges.slice(1).map((edge, index) => ({ delta: { text: text.slice(edges[index], edge) } }));
				const kept = redactSequence(pieces, redactor);
				expect(kept.map((piece) => piece.delta.text).join("")).toBe("before [redacted] between [redacted] after");
			}),
		);
	});

	test("parallel calls are distinguished by their index", () => {
		const [first, second] = [KEY.slice(0, 9), KEY.slice(9)];
		const call = (index: number, text: string) => ({ calls: [{ index, text }] });
		const kept = redactSequence([call(0, first), call(1, "other"), call(0, second)], redactor);
		expect(kept).toEqual([call(0, "[redacted]"), call(1, "other"), call(0, "")]);
	});

	test.each(["\n", "\r\n", "\r"])(
		"in raw frames with any line end %j, also escaped, and beside lines that are no JSON",
		(end) => {
			const [first, second] = [JSON.stringify({ text: KEY.slice(0, 7) }), JSON.stringify({ text: KEY.slice(7) })];
			const escaped = `{"text":"\\u006b${JSON.stringify(KEY).slice(2, -1)}"}`;
			const lines = [
				"event: a_delta_of_text",
				`data: ${first}`,
				"",
				`data: ${second}`,
				"",
				`: ${KEY}`,
				`data: ${escaped}`,
				"",
			];
			const kept = redactStream(Buffer.from(lines.join(end)), redactor).toString();
			expect(kept).not.toContain("provider");
			expect(kept.split(end).slice(0, 3)).toEqual(["event: a_delta_of_text", 'data: {"text":"[redacted]"}', ""]);
		},
	);

	test("in raw frames, which else stay as they came", () => {
		const clean = Buffer.from('data: {"a": "x" }\r\n\r\n: comment\r\ndata: [DONE]\r\n\r\n');
		expect(redactStream(clean, redactor)).toBe(clean);
		const frame = (text: string) => `data: ${JSON.stringify({ text })}\r\n\r\n`;
		const cut = Buffer.from(`data: {"text" :"a "}\r\n\r\n${frame(KEY.slice(0, 5))}${frame(`${KEY.slice(5)}!`)}`);
		expect(redactStream(cut, redactor).toString()).toBe(
			`data: {"text" :"a "}\r\n\r\n${frame("[redacted]")}${frame("!")}`,
		);
	});
});

test("a value of fewer than six characters is not treated as a secret", () => {
	const redactor = new Redactor(["abcdef", "ghijk"]);
	expect(redactor.text("x abcdef ghijk")).toBe("x [redacted] ghijk");
	expect([...redactor.secrets]).toEqual(["abcdef"]);
});
