import type { ContentContext, Part } from "../conversation/content-parts.ts";
import type { InlineData, RequestPart } from "./wire.ts";

/** A part in Gemini's form. It fetches nothing: a picture that is only an address is named in words. */
export function geminiPart(part: Part, { note, where }: Omit<ContentContext, "target">): RequestPart {
	switch (part.kind) {
		case "text":
			return { text: part.text };
		case "image":
		case "file":
			return { inlineData: inlineData(part) };
		case "image-url": {
			const text = `[Image at ${part.url}: its content was not sent to this model]`;
			note({ kind: "image-block", where, seen: "image by URL", done: `told as text: ${text}` });
			return { text };
		}
	}
}

export function inlineData(part: { mediaType: string; data: string }): InlineData {
	return { mimeType: part.mediaType, data: part.data };
}
