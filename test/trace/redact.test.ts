import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor } from "../../src/trace/record/redact.ts";
import { redactedJson, redactSequence, redactStream } from "../../src/trace/record/redact-sequence.ts";

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

/** Secrets of other people's tools, in the forms that their vendors document, and what must not be left of each. */
const FOREIGN: Record<string, readonly [text: string, secret?: string]> = {
	anthropic: [`sk-ant-api03-${"A1b2C3d4".repeat(11)}AA`],
	openai: [`sk-proj-${"A1b2C3d4E5".repeat(6)}`],
	openrouter: [`sk-or-v1-${"0123456789abcdef".repeat(4)}`],
	huggingFace: ["hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"],
	groq: [`gsk_${"A1b2C3d4E5".repeat(5)}`],
	xai: [`xai-${"A1b2C3d4E5".repeat(8)}`],
	google: ["AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"],
	github: ["ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"],
	gitlab: ["glpat-abcdEFGH1234ijklMNOP"],
	npm: [`npm_${"a1B2c3D4e5F6".repeat(3)}`],
	aws: ["AKIAIOSFODNN7EXAMPLE"],
	slack: ["xoxb-123456789012-123456789012-AbCdEfGhIjKlMnOpQrStUvWx"],
	stripe: ["sk_live_4eC39HqLyjWDarjtT1zdp7dc"],
	jwt: [
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
		"dozjgNryP4J3jVmNHl0w5N",
	],
	pem: ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----", "b3BlbnNzaC1r"],
	bearer: ["Bearer abcdefghijklmnop1234567890", "abcdefghijklmnop1234567890"],
	basic: ["Authorization: Basic dXNlcjpwYXNzd29yZDE=", "dXNlcjpwYXNzd29yZDE="],
	url: ["https://admin:pa55word@db.example/x", "pa55word"],
	postgres: ["postgres://app:s3cr3tpw@10.0.0.1:5432/db", "s3cr3tpw"],
	env: ["DATABASE_PASSWORD=correcthorsebattery", "correcthorsebattery"],
	shell: ['export STRIPE_SECRET_KEY="abcd1234efgh5678"', "abcd1234efgh5678"],
	yaml: ["api_key: 9f8e7d6c5b4a39281706", "9f8e7d6c5b4a39281706"],
};

describe("secrets of other people's tools in a conversation", () => {
	const redactor = new Redactor();
	test.each<[string, (secret: string) => string]>([
		["between words", (secret) => `the key ${secret} is`],
		["on a line of its own", (secret) => `first\n${secret}\nlast`],
		["after a tab", (secret) => `a\t${secret}`],
		["assigned", (secret) => `KEY=${secret}`],
		["in JSON", (secret) => JSON.stringify({ command: `echo\n${secret}\t|` })],
		["in JSON in JSON", (secret) => JSON.stringify(JSON.stringify({ command: `echo\n${secret}` }))],
		["in brackets", (secret) => `(${secret})`],
		["as code", (secret) => `\`${secret}\``],
	])("%s", (_name, inText) => {
		const left = Object.entries(FOREIGN).filter(([, [text, secret = text.slice(4)]]) => {
			const kept = redactedJson({ messages: [{ role: "user", content: inText(text) }] }, redactor);
			return kept.includes(secret) || JSON.parse(kept).messages.length !== 1;
		});
		expect(left.map(([name]) => name)).toEqual([]);
	});

	test("source code of three packages: less than one false positive in 100 kB", () => {
		for (const name of ["openai", "@google/genai", "knip"]) {
			let chars = 0;
			let found = 0;
			for (const text of sourcesOf(join(root, "node_modules", name))) {
				if (chars > 2_000_000) break;
				chars += text.length;
				found += redactor.ranges(text).length;
			}
			expect(chars).toBeGreaterThan(1_000_000);
			expect([name, found < chars / 100_000, found]).toEqual([name, true, expect.any(Number)]);
		}
	});
});

const root = join(import.meta.dirname, "../..");

function sourcesOf(folder: string): string[] {
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
	return names.filter((name) => /\.[cm]?[jt]s$/.test(name)).map((name) => readFileSync(join(folder, name), "utf8"));
}

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
