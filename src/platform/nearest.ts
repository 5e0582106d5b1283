/** Most edits between a typo and the intended word. */
const MAX_EDITS = 2;

/** The candidate nearest to a misspelt word; undefined when none is within `maxEdits`, two at most. Case is ignored. */
export function nearest(word: string, candidates: readonly string[], maxEdits = MAX_EDITS): string | undefined {
	let best: string | undefined;
	let fewest = Math.min(maxEdits, MAX_EDITS) + 1;
	for (const candidate of candidates) {
		const edits = editsBetween(word.toLowerCase(), candidate.toLowerCase());
		if (edits < fewest && edits < candidate.length) {
			best = candidate;
			fewest = edits;
		}
	}
	return best;
}

/** Levenshtein distance. */
function editsBetween(left: string, right: string): number {
	let row = Array.from({ length: right.length + 1 }, (_, index) => index);
	for (let i = 1; i <= left.length; i++) {
		const next = [i];
		for (let j = 1; j <= right.length; j++) {
			const substitute = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
			next[j] = Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
		}
		row = next;
	}
	return row[right.length] ?? 0;
}
