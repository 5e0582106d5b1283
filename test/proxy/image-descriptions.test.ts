import { expect, test } from "vitest";
import { digestOf } from "../../src/pipeline/images.ts";
import type { Exchange } from "../../src/proxy/exchange.ts";
import type { Answer } from "../../src/proxy/vision/ask-vision.ts";
import { ImageDescriptions } from "../../src/proxy/vision/image-descriptions.ts";
import { Cancellation } from "../../src/upstream/http/cancellation.ts";
import { makeTarget } from "../support/fixture.ts";
import { testProfile } from "../support/profile.ts";

const BLIND = { ...makeTarget("openai-chat"), vision: false };
const image = (data: string) => ({
	type: "image" as const,
	source: { type: "base64" as const, media_type: "image/png", data },
});
const failing = (seconds: number, isOfAll: boolean): Answer => ({
	reason: "rate-limit",
	failure: "slow",
	seconds,
	isOfAll,
});

/** Descriptions by a script, at a time that the test sets. */
function setup(answer: (data: string, call: number) => Answer) {
	const asked: string[] = [];
	const clock = { now: 0 };
	const ask = async ({ source }: ReturnType<typeof image>) => {
		asked.push(source.data);
		return answer(source.data, asked.length);
	};
	const destination = { profile: testProfile("http://127.0.0.1:9", { name: "seer" }), model: "eyes" };
	const descriptions = new ImageDescriptions(destination, { ask: ask as never, now: () => clock.now });
	const describe = async (...data: string[]) => {
		const request = { model: "m", messages: [{ role: "user" as const, content: data.map(image) }] };
		const exchange = { request, record: { purpose: "main" }, signal: new Cancellation() } as unknown as Exchange;
		const found = await descriptions.of(exchange, BLIND);
		return data.map((each) => found?.outcomes[digestOf(image(each))]);
	};
	return { asked, clock, describe };
}

test("after a failure nobody is asked for a while; a failure of one image says nothing about others", async () => {
	const { asked, clock, describe } = setup((data, call) =>
		call === 1 ? failing(600, false) : { text: `It is ${data}.` },
	);
	expect(await describe("A")).toEqual([{ reason: "rate-limit", failure: "slow" }]);
	clock.now = 599_000;
	expect(await describe("A", "B")).toEqual([
		{ reason: "rate-limit", failure: "slow" },
		{ text: "It is B.", isCached: false },
	]);
	clock.now = 601_000;
	expect(await describe("A", "B")).toEqual([
		{ text: "It is A.", isCached: false },
		{ text: "It is B.", isCached: true },
	]);
	expect(asked).toEqual(["A", "B", "A"]);
});

test("a failure of the provider ends the calls that wait for a place, and those of the next minute", async () => {
	const { asked, clock, describe } = setup((_data, call) => (call <= 4 ? failing(60, true) : { text: "Fine." }));
	const many = Array.from({ length: 30 }, (_, index) => `image ${index}`);
	const failures = await describe(...many);
	expect(failures).toEqual(many.map(() => ({ reason: "rate-limit", failure: "slow" })));
	expect(asked).toHaveLength(4);
	clock.now = 61_000;
	expect((await describe(...many)).every((outcome) => outcome && "text" in outcome)).toBe(true);
	expect(asked).toHaveLength(34);
});

test("descriptions are bounded: the one that was not used longest is forgotten", async () => {
	const { asked, describe } = setup((data) => ({ text: data }));
	const many = Array.from({ length: 500 }, (_, index) => `image ${index}`);
	await describe(...many);
	await describe("image 0");
	await describe("one more");
	expect(asked).toHaveLength(501);
	await describe("image 0");
	expect(asked).toHaveLength(501);
	await describe("image 1");
	expect(asked).toHaveLength(502);
});
