import type { Part } from "../conversation/content-parts.ts";
import { textOf } from "../conversation/content-parts.ts";
import type { InputPart } from "./wire.ts";

/** Parts as the content of a message or the output of a call: one string where all of it is text. */
export function inputContent(parts: readonly Part[]): string | InputPart[] {
	return textOf(parts) ?? parts.map(inputPart);
}

function inputPart(part: Part): InputPart {
	switch (part.kind) {
		case "text":
			return { type: "input_text", text: part.text };
		case "image":
			return { type: "input_image", detail: "auto", image_url: `data:${part.mediaType};base64,${part.data}` };
		case "image-url":
			return { type: "input_image", detail: "auto", image_url: part.url };
		case "file":
			return { type: "input_file", filename: part.name, file_data: `data:${part.mediaType};base64,${part.data}` };
	}
}
