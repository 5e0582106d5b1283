import { expect, test } from "vitest";
import { digestOf, unseenImages, withDescriptions } from "../../src/pipeline/images.ts";
import type { ImageBlock, MessageRequest } from "../../src/protocol/messages.ts";
import { makeTarget } from "../support/fixture.ts";

const SEEING = makeTarget("anthropic");
const BLIND = { ...SEEING, vision: false };
const IMAGE: ImageBlock = {
	type: "image",
	source: { type: "base64", media_type: "image/png", data: "AAAA" },
	cache_control: { type: "ephemeral" },
};
const REQUEST: MessageRequest = { model: "m", messages: [{ role: "user", content: [IMAGE] }] };
const described = (text: string) => ({
	by: "seer/$&",
	outcomes: { [digestOf(IMAGE)]: { text, isCached: false } },
});

test("a cache breakpoint stays where the image was, and no text is read as a replacement pattern", () => {
	const { messages } = withDescriptions(REQUEST, described("$& $1"), BLIND, () => {});
	expect(messages[0]?.content).toMatchObject([
		{
			type: "text",
			text: expect.stringMatching(/seer\/\$& has seen it.*\n\$& \$1\n/s),
			cache_control: { type: "ephemeral" },
		},
	]);
});

test("a model that sees, as in a replay with another profile, gets the image", () => {
	expect(withDescriptions(REQUEST, described("A dot."), SEEING, () => {})).toBe(REQUEST);
	expect(unseenImages(REQUEST, SEEING)).toEqual([]);
	const refused = { ...SEEING, refusedImages: [digestOf(IMAGE)] };
	expect(unseenImages(REQUEST, refused)).toEqual([IMAGE]);
});

test("an image without a description stays, for the note of its wire", () => {
	expect(withDescriptions(REQUEST, { by: "seer/eyes", outcomes: {} }, BLIND, () => {})).toBe(REQUEST);
});
