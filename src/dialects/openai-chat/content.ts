import type { Part } from "../conversation/content-parts.ts";
import type { ContentPart } from "./wire.ts";

/** A part in the form of a chat message. */
export function chatPart(part: Part): ContentPart {
	switch (part.kind) {
		case "text":
			return { type: "text", text: part.text };
		case "image":
			return { type: "image_url", image_url: { url: `data:${part.mediaType};base64,${part.data}` } };
		case "image-url":
			return { type: "image_url", image_url: { url: part.url } };
		case "file":
			return {
				type: "file",
				file: { filename: part.name, file_data: `data:${part.mediaType};base64,${part.data}` },
			};
	}
}

/** Text parts alone as one string, the form that every server and template understands; otherwise the parts. */
export function joinParts(parts: readonly ContentPart[]): string | ContentPart[] {
	const texts = parts.map((part) => (part.type === "text" ? part.text : undefined));
	return texts.every((text) => text !== undefined) ? texts.join("\n\n") : [...parts];
}
