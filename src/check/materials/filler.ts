/** Prose of at least so many characters, no two lines alike, with one line put in at a share of its length. */
export function filler(characters: number, line = "", at = 0): string {
	const lines: string[] = [];
	let length = 0;
	for (let number = 1; length < characters; number++) {
		const text = `Entry ${number}: the ship left the harbour on day ${(number * 7) % 365} with ${(number * 13) % 97} crates.`;
		lines.push(text);
		length += text.length + 1;
	}
	if (line) lines.splice(Math.floor(lines.length * at), 0, line);
	return lines.join("\n");
}

/** Characters of a token of this prose: at least, by the usual tokenizers (its numbers are dense), and surely at most. */
export const FEWEST_PER_TOKEN = 3.2;
export const MOST_PER_TOKEN = 4.5;
