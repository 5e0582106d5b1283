import type { FailureClass } from "./table.ts";

/** How a provider words one class of failure. */
export interface FailureWording {
	/** Providers that use these words. */
	provider: string;
	class: FailureClass;
	/** Matched against the error's codes and message, joined by a space. */
	pattern: RegExp;
	/** A literal error body, which a test reads. */
	example: string;
}

/** An error body in OpenAI's form, for an example. */
export const openAi = (message: string, code: string | null, type: string) =>
	JSON.stringify({ error: { message, type, code } });

/** Any characters within a sentence. A dot inside a number or a name does not end the sentence. */
const BETWEEN = "(?:[^.;。\\n]|\\.(?=\\S))";

/** The source of a pattern for two groups of words in one sentence, in either order. */
export function together(one: string, other: string, maxChars = 40): string {
	const between = `${BETWEEN}{0,${maxChars}}`;
	return `(?:${one})${between}(?:${other})|(?:${other})${between}(?:${one})`;
}
