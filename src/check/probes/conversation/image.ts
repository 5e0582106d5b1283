import { deflateSync } from "node:zlib";
import { plainQuestion, user } from "../../materials/conversation.ts";
import { crc32 } from "../../materials/crc32.ts";
import type { Probe } from "../../probe.ts";
import { judgeText } from "../../run/judge.ts";

const SIZE = 64;

/** A PNG of one colour, as base64. Source: the PNG specification, 8 bits, RGB, no filter. */
function plainImage(red: number, green: number, blue: number): string {
	const row = [0, ...Array.from({ length: SIZE }, () => [red, green, blue]).flat()];
	const pixels = Buffer.from(Array.from({ length: SIZE }, () => row).flat());
	const head = Buffer.alloc(13);
	head.writeUInt32BE(SIZE, 0);
	head.writeUInt32BE(SIZE, 4);
	head.set([8, 2], 8);
	const chunks = [chunk("IHDR", head), chunk("IDAT", deflateSync(pixels)), chunk("IEND", Buffer.alloc(0))];
	return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]).toString("base64");
}

function chunk(type: string, data: Buffer): Buffer {
	const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
	const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
	length.writeUInt32BE(data.length);
	sum.writeUInt32BE(crc32(body));
	return Buffer.concat([length, body, sum]);
}

export const image: Probe = {
	name: "image",
	claim: "an image is seen",
	weight: 2,
	needs: "vision",
	async run(ask) {
		const source = { type: "base64" as const, media_type: "image/png", data: plainImage(220, 20, 20) };
		const text = "Which colour fills this image? Answer with one word.";
		const answer = await ask(
			plainQuestion([
				user([
					{ type: "image", source },
					{ type: "text", text },
				]),
			]),
		);
		return judgeText(answer, /\bred\b/i);
	},
};
