import { createParser } from "eventsource-parser";
import type { Stage } from "../stage.ts";
import type { Frame } from "./frame.ts";

/** Bytes to SSE frames. A character that is split over two reads is put together again. */
export const sseFrames: Stage<Uint8Array, Frame> = (next) => {
	const decoder = new TextDecoder();
	const parser = createParser({ onEvent: ({ event, data }) => next.push({ event, data }) });
	return {
		push: (bytes) => parser.feed(decoder.decode(bytes, { stream: true })),
		end() {
			parser.feed(decoder.decode());
			parser.reset({ consume: true });
			next.end();
		},
	};
};
