import { formsOf, MIN_SECRET_CHARS, REDACTED } from "../../platform/secrets.ts";

/** A pattern of secrets, and substrings, in lower case, without which a text cannot match: a search for them is faster. */
interface Shape {
	pattern: RegExp;
	marks: readonly string[];
}

/** Secrets that are recognised by their shape. The first group of a pattern, if any, is kept. */
const SHAPES: readonly Shape[] = [
	{
		pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,6000}?-----END [A-Z ]{0,30}PRIVATE KEY-----/g,
		marks: ["private key"],
	},
	{ pattern: /\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, marks: ["bearer", "basic"] },
	{
		pattern: /\b((?:proxy-)?authorization\\?["']?\s*[:=]\s*\\?["']?)[^\s"'\\,]{8,}/gi,
		marks: ["authorization"],
	},
	{
		pattern: /\b((?:x-)?(?:api|access|auth|secret)[-_]?(?:key|token)\\?["']?\s*[:=]\s*\\?["']?)[^\s"'\\,]{8,}/gi,
		marks: ["key", "token"],
	},
	{ pattern: /\bsk-[\w-]{16,}/g, marks: ["sk-"] },
	{ pattern: /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,})/g, marks: ["gh", "github_pat_"] },
	{ pattern: /\bxox[abprs]-[\w-]{10,}/g, marks: ["xox"] },
	{ pattern: /\bAKIA[0-9A-Z]{16}\b/g, marks: ["akia"] },
	{ pattern: /\bAIza[\w-]{30,}/g, marks: ["aiza"] },
	{ pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+/g, marks: ["eyj"] },
];

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
		this.#shapes = [...SHAPES, ...patterns.map((pattern) => ({ pattern: new RegExp(pattern, "g"), marks: [""] }))];
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
