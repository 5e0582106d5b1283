/** What no plain JSON string holds: such a frame is parsed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they make a string invalid JSON, as the parser would say.
const SPECIAL = /["\\\u0000-\u001f]/;
const PROBE = "probe";
/** Frames that are learned in vain before no more are: a field of its own in each makes every frame a new one. */
const TRIES = 3;

/**
 * Reads frames that differ from an earlier one in one text only, as nearly all of a stream do, without parsing them: the
 * bytes before and behind the text are the same, so that the parser would find the same in them again.
 */
export class RepeatedFrame {
	readonly #field: string;
	readonly #read: (data: string) => unknown;
	#before = "";
	#behind = "";
	#tries = 0;

	/** The text stands in the field of this name; `read` finds it by parsing. */
	constructor(field: string, read: (data: string) => unknown) {
		this.#field = field;
		this.#read = read;
	}

	/** A frame was parsed that says nothing but this text. */
	learn(data: string, text: string): void {
		if (this.#tries++ >= TRIES) return;
		const start = `"${this.#field}":"`;
		const at = data.indexOf(`${start}${JSON.stringify(text).slice(1)}`);
		if (at < 0) return;
		const before = data.slice(0, at + start.length);
		const behind = data.slice(before.length + JSON.stringify(text).length - 2);
		// The same words may stand in another field: what is put here must be found again.
		if (this.#read(before + PROBE + behind) !== PROBE) return;
		this.#before = before;
		this.#behind = behind;
	}

	/** The text of a frame that is otherwise like the one that was learned; undefined: it must be parsed. */
	textOf(data: string): string | undefined {
		const [before, behind] = [this.#before, this.#behind];
		if (before === "" || data.length < before.length + behind.length) return undefined;
		if (!data.startsWith(before) || !data.endsWith(behind)) return undefined;
		const text = data.slice(before.length, data.length - behind.length);
		if (SPECIAL.test(text)) return undefined;
		this.#tries = 0;
		return text;
	}
}
