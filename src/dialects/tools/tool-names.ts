import { createHash } from "node:crypto";
import type { Note } from "../../protocol/divergence.ts";

/** Tool names in the form that a provider accepts, and the way back. */
export class ToolNames {
	readonly #toProvider = new Map<string, string>();
	readonly #fromProvider = new Map<string, string>();
	readonly #form: RegExp;
	readonly #maxLength: number;
	readonly #note: Note;

	/** `needsLetter`: a name may not begin with a digit or a hyphen. */
	constructor(maxLength: number, note: Note, needsLetter = false) {
		this.#form = needsLetter ? /^[a-zA-Z_][a-zA-Z0-9_-]*$/ : /^[a-zA-Z0-9_-]+$/;
		this.#maxLength = maxLength;
		this.#note = note;
	}

	/** The provider's name for one of Claude Code's tools. It depends on the name alone. */
	toProvider(name: string): string {
		const known = this.#toProvider.get(name);
		if (known !== undefined) return known;
		const short = this.#shorten(name);
		this.#toProvider.set(name, short);
		if (short !== name) {
			this.#fromProvider.set(short, name);
			this.#note({
				kind: "tool-name",
				where: "request.tools",
				seen: name,
				done: `sent as ${short}`,
				data: { tools: [name, short] },
			});
		}
		return short;
	}

	/** Provider's name → Claude Code's, for the names that had to change. */
	get changed(): ReadonlyMap<string, string> {
		return this.#fromProvider;
	}

	#shorten(name: string): string {
		if (name.length <= this.#maxLength && this.#form.test(name)) return name;
		const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
		const written = name.replace(/[^a-zA-Z0-9_-]/g, "_");
		const readable = (this.#form.test(written) ? written : `_${written}`).slice(0, this.#maxLength - digest.length - 1);
		return `${readable}_${digest}`;
	}
}
