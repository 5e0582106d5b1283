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
