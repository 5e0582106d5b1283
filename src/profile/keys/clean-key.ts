/** Characters that an HTTP header can carry as a key. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** Whether a key has no character that would break the HTTP header it is sent in. */
export function isUsableKey(key: string): boolean {
	return HEADER_TEXT.test(key);
}

const QUOTES = ['""', "''", "``", "“”", "‘’", "«»"];

/** What people copy with a key, which no key has: from a .env file, a chat, or the header that it goes into. */
const CLEANERS: readonly [what: string, clean: (key: string) => string][] = [
	["blanks", (key) => key.trim()],
	["quotes", withoutQuotes],
	["the word Bearer", (key) => key.replace(/^(?:authorization:\s*)?bearer\s+/i, "")],
];

function withoutQuotes(key: string): string {
	const isQuoted = QUOTES.some(([open, close]) => key.length > 2 && key[0] === open && key.at(-1) === close);
	return isQuoted ? key.slice(1, -1) : key;
}

/** The key without what surrounds it, and what was removed, as a clause: `had quotes around it, which were removed`. */
export function cleanKey(given: string): { key: string; removed: string | undefined } {
	let key = given;
	const found = new Set<string>();
	for (let before = ""; before !== key; ) {
		before = key;
		for (const [what, clean] of CLEANERS) {
			const cleaned = clean(key);
			if (cleaned !== key) found.add(what);
			key = cleaned;
		}
	}
	const removed = found.size === 0 ? undefined : `had ${[...found].join(" and ")} around it, which cc-any removed`;
	return { key, removed };
}
