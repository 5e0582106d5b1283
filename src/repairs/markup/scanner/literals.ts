const patterns = new Map<string, RegExp>();
/** Some literals hold a name from the reply. */
const MAX_PATTERNS = 500;

/** A pattern for the first of some literal texts, the longest where several begin. Each is made once. */
export function anyOf(literals: readonly string[]): RegExp {
	const key = literals.join("\0");
	const known = patterns.get(key);
	if (known) return known;
	const longestFirst = [...literals].sort((a, b) => b.length - a.length);
	const pattern = new RegExp(longestFirst.map(escapePattern).join("|"));
	if (patterns.size > MAX_PATTERNS) patterns.clear();
	patterns.set(key, pattern);
	return pattern;
}

export function escapePattern(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const prefixSets = new WeakMap<readonly string[], { prefixes: Set<string>; longest: number }>();

/** Length of the longest suffix of `text` with which one of the literals begins without being complete. */
export function partialLength(literals: readonly string[], text: string): number {
	const { prefixes, longest } = prefixesOf(literals);
	for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
		if (prefixes.has(text[at] as string) && prefixes.has(text.slice(at))) return text.length - at;
	}
	return 0;
}

function prefixesOf(literals: readonly string[]): { prefixes: Set<string>; longest: number } {
	const known = prefixSets.get(literals);
	if (known) return known;
	const prefixes = new Set<string>();
	for (const literal of literals) {
		for (let length = 1; length < literal.length; length++) prefixes.add(literal.slice(0, length));
	}
	const made = { prefixes, longest: Math.max(0, ...literals.map((literal) => literal.length)) };
	prefixSets.set(literals, made);
	return made;
}
