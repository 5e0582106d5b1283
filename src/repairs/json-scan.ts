/** Finds the end of a JSON object or list in text that comes in pieces. Looks at brackets and strings only. */
export class JsonScan {
	#depth = 0;
	#isInString = false;
	#isEscaped = false;
	/** The value's last bracket was read. */
	isComplete = false;
	/** A character came that JSON does not have outside strings: markup, most likely. */
	isBroken = false;

	/** Reads on; returns how many characters belong to the value. What follows its end is not looked at. */
	push(text: string): number {
		for (let at = 0; at < text.length; at++) {
			if (this.isComplete) return at;
			const character = text[at] as string;
			if (this.#isInString) this.#readString(character);
			else if (character === "<") {
				this.isBroken = true;
				return at;
			} else this.#readOutside(character);
		}
		return text.length;
	}

	/** Brackets that are open. */
	get depth(): number {
		return this.#depth;
	}

	get isInString(): boolean {
		return this.#isInString;
	}

	#readString(character: string): void {
		if (this.#isEscaped) this.#isEscaped = false;
		else if (character === "\\") this.#isEscaped = true;
		else if (character === '"') this.#isInString = false;
	}

	#readOutside(character: string): void {
		if (character === '"') this.#isInString = true;
		else if (character === "{" || character === "[") this.#depth++;
		else if (character === "}" || character === "]") this.isComplete = --this.#depth <= 0;
	}
}
