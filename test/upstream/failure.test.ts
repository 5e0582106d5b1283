import { describe, expect, test } from "vitest";
import { networkFailure, UpstreamFailure } from "../../src/upstream/failures/failure.ts";

test("an error inside a reply, and a reply that ended early", () => {
	const inReply = UpstreamFailure.inReply('{"error":1}');
	expect(inReply).toBeInstanceOf(Error);
	expect(inReply.name).toBe("UpstreamFailure");
	expect(inReply.message).toBe("the provider sent an error inside its reply");
	expect(inReply.source).toEqual({ status: 200, headers: {}, body: '{"error":1}' });
	const body = "the provider's reply ended early: no message_stop";
	const truncated = UpstreamFailure.truncated("no message_stop");
	expect(truncated.message).toBe(body);
	expect(truncated.source).toEqual({ status: 200, headers: {}, body, class: "truncated" });
});

describe("a network error", () => {
	const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

	test.each<[string, unknown, string]>([
		["with its code", withCode("connect", "ECONNREFUSED"), "ECONNREFUSED: connect"],
		["without a code", new Error("connect"), "connect"],
		["that is only a code", withCode("", "EPIPE"), "EPIPE"],
		["that is no error", "gone", "gone"],
		["of several addresses", new AggregateError([new Error("first"), new Error("second")]), "first"],
		["of several addresses with a message", new AggregateError([new Error("first")], "all failed"), "all failed"],
		["of no address", new AggregateError([]), ""],
	])("%s", (_name, error, text) => {
		const failure = networkFailure(error);
		expect(failure.message).toBe(text);
		expect(failure.source).toEqual({ status: 0, headers: {}, body: text });
		if (error instanceof Error) expect(failure.cause).toBe(error);
	});

	test("that is a failed attempt already stays the same object", () => {
		const failure = UpstreamFailure.inReply("x");
		expect(networkFailure(failure)).toBe(failure);
	});
});
