import { formsOf, MIN_SECRET_CHARS, REDACTED } from "../../platform/secrets.ts";
import { SECRET_SHAPES, type Shape } from "./secret-shapes.ts";

/** Keeps secrets off the disk: known ones by value, others by shape, and what the user's patterns match. */
export class Redactor {
	readonly #values = new Set<string>();
	readonly #shapes: readonly Shape[];
	/** For an equal redactor in another thread. */
	readonly secrets = new Set<string>();
	readonly patterns: readonly string[];

	constructor(secrets: readonly string[] = [], patterns: readonly string[] = []) {
		this.patterns = patterns;
		for (const secret of secrets) this.add(secret);
		this.#shapes = [
			...SECRET_SHAPES,
			...patterns.map((pattern) => ({ pattern: new RegExp(pattern, "g"), marks: [""] })),
		];
	}

	/** Adds a secret, in all forms in which texts write it. */
	add(secret: string): void {
		if (secret.length < MIN_SECRET_CHARS) return;
		this.secrets.add(secret);
		for (const form of formsOf(secret)) this.#values.add(form);
	}

	/** Whether the text contains a secret that is known by value. */
	knows(text: string): boolean {
		for (const value of this.#values) if (text.includes(value)) return true;
		return false;
	}

	/** The text without secrets. JSON text stays JSON. */
	text(text: string): string {
		let kept = text;
		for (const value of this.#values) kept = kept.replaceAll(value, REDACTED);
		for (const pattern of this.#patternsFor(kept)) kept = kept.replace(pattern, keepGroup);
		return kept;
	}

	/** Start and end of every secret in a text, in UTF-16 units. */
	ranges(text: string): [start: number, end: number][] {
		const found: [number, number][] = [];
		for (const value of this.#values) {
			for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
				found.push([at, at + value.length]);
			}
		}
		for (const pattern of this.#patternsFor(text)) {
			for (const match of text.matchAll(pattern)) {
				const start = match.index + (match[1]?.length ?? 0);
				found.push([start, match.index + match[0].length]);
			}
		}
		return found;
	}

	#patternsFor(text: string): RegExp[] {
		const lower = text.toLowerCase();
		return this.#shapes.filter(({ marks }) => marks.some((mark) => lower.includes(mark))).map(({ pattern }) => pattern);
	}
}

function keepGroup(_match: string, ...rest: unknown[]): string {
	// Without a group the second argument is the offset.
	return `${typeof rest[0] === "string" ? rest[0] : ""}${REDACTED}`;
}
