import type { Frame } from "../upstream/frame.ts";

/** The frames of a body that is an event stream, whatever its content type says; undefined when it is none. */
export function bodyFrames(body: string): Frame[] | undefined {
	const text = body.trim();
	if (!/^(data|event|id|retry)?:/.test(text)) return undefined;
	return text.split(/\r?\n\r?\n|\r\r/).flatMap((block) => {
		const lines = block.split(/\r\n|\r|\n/);
		const data = fieldValues(lines, "data:");
		return data.length === 0 ? [] : [{ event: fieldValues(lines, "event:").at(-1), data: data.join("\n") }];
	});
}

function fieldValues(lines: readonly string[], field: string): string[] {
	return lines.filter((line) => line.startsWith(field)).map((line) => line.slice(field.length).replace(/^ /, ""));
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return undefined;
	}
}
