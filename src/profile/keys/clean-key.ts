/** Characters that an HTTP header can carry as a key. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** Whether a key has no character that would break the HTTP header it is sent in. */
export function isUsableKey(key: string): boolean {
	return HEADER_TEXT.test(key);
}

/** `export ACME_API_KEY=`, `set -gx ACME_API_KEY `, `$env:ACME_API_KEY = `, `ACME_API_KEY: `. */
const ASSIGNMENT =
	/^(?:(?:export\s+|set\s+|\$env:)?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\s*(?:=|:\s)|set\s+(?:-\w+\s+)+[A-Z][A-Z0-9_]*\s)\s*(?=[^=\s])/;

const LIST = new Intl.ListFormat("en");

const QUOTES = ['""', "''", "``", "“”", "‘’", "«»"];

/** What people copy with a key, which no key has: from a .env file, a chat, or the header that it goes into. */
const CLEANERS: readonly [what: string, clean: (key: string) => string][] = [
	["spaces", (key) => key.trim()],
	["quotes", withoutQuotes],
	["the name of a variable", (key) => key.replace(ASSIGNMENT, "")],
	["the word Bearer", (key) => key.replace(/^(?:authorization:\s*)?bearer\s+/i, "")],
];

function withoutQuotes(key: string): string {
	const isQuoted = QUOTES.some(([open, close]) => key.length > 2 && key[0] === open && key.at(-1) === close);
	return isQuoted ? key.slice(1, -1) : key;
}

/** The key without what surrounds it, and what was removed, as a clause: `came with quotes, which cc-any removed`. */
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
	const removed = found.size === 0 ? undefined : `came with ${LIST.format(found)}, which cc-any removed`;
	return { key, removed };
}
