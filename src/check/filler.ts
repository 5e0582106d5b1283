/** Characters of one token in English prose, on average. */
const CHARACTERS_PER_TOKEN = 4.5;

/** Prose of about so many tokens, no two lines alike, with one line put in at a share of its length. */
export function filler(tokens: number, line = "", at = 0): string {
	const lines: string[] = [];
	let length = 0;
	for (let number = 1; length < tokens * CHARACTERS_PER_TOKEN; number++) {
		const text = `Entry ${number}: the ship left the harbour on day ${(number * 7) % 365} with ${(number * 13) % 97} crates.`;
		lines.push(text);
		length += text.length + 1;
	}
	if (line) lines.splice(Math.floor(lines.length * at), 0, line);
	return lines.join("\n");
}
