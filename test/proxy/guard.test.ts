import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { guard } from "../../src/proxy/guard.ts";
import { RequestError } from "../../src/proxy/read-request.ts";

const TOKEN = "a-token-of-this-run-with-32-byte";

/** The status that a request with these headers is refused with; undefined when it is let in. */
function refusalOf(headers: IncomingMessage["headers"]): number | undefined {
	try {
		guard({ headers: { host: "127.0.0.1:4000", ...headers } } as IncomingMessage, Buffer.from(TOKEN));
		return undefined;
	} catch (error) {
		if (!(error instanceof RequestError)) throw error;
		return error.status;
	}
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test.each([
	["the token as bearer", bearer(TOKEN)],
	["the scheme in any case", { authorization: `bearer ${TOKEN}` }],
	["the token as API key", { "x-api-key": TOKEN }],
	["a valid bearer beside a foreign API key", { ...bearer(TOKEN), "x-api-key": "foreign" }],
	["a valid API key beside a foreign bearer", { ...bearer("foreign"), "x-api-key": TOKEN }],
])("%s is let in", (_name, headers) => {
	expect(refusalOf(headers)).toBeUndefined();
});

test.each([
	["no token", {}],
	["an empty bearer", bearer("")],
	["the token without its scheme", { authorization: TOKEN }],
	["another scheme", { authorization: `Basic ${TOKEN}` }],
	["the token and more", bearer(`${TOKEN}x`)],
	["the token twice", bearer(TOKEN + TOKEN)],
	["the token in upper case", bearer(TOKEN.toUpperCase())],
	["another token of the same length", bearer(`${TOKEN.slice(0, -1)}x`)],
	["an empty API key", { "x-api-key": "" }],
])("%s is refused", (_name, headers) => {
	expect(refusalOf(headers)).toBe(401);
});

test("every strict prefix and suffix of the token is refused", () => {
	for (let length = 0; length < TOKEN.length; length++) {
		expect(refusalOf(bearer(TOKEN.slice(0, length)))).toBe(401);
		expect(refusalOf({ "x-api-key": TOKEN.slice(0, length) })).toBe(401);
		expect(refusalOf(bearer(TOKEN.slice(length + 1)))).toBe(401);
	}
});

test.each(["127.0.0.1", "127.0.0.1:4000", "localhost:4000", "[::1]:4000"])("the host %s is this proxy", (host) => {
	expect(refusalOf({ ...bearer(TOKEN), host })).toBeUndefined();
});

test.each([
	"evil.example",
	"evil.example:4000",
	"127.0.0.1.evil.example",
	"localhost.evil.example:4000",
	"evil.example:127.0.0.1",
	"",
])("the host %j is refused in spite of the token (DNS rebinding)", (host) => {
	expect(refusalOf({ ...bearer(TOKEN), host })).toBe(403);
});

test.each(["https://evil.example", "http://127.0.0.1:4000", "null", ""])(
	"the origin %j is refused in spite of the token: a web page asks",
	(origin) => {
		expect(refusalOf({ ...bearer(TOKEN), origin })).toBe(403);
	},
);
