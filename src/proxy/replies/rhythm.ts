/** Longest time that text is held back. */
const MAX_DELAY_MS = 1200;
/** Reads that are closer together belong to one lump. */
const MIN_SILENCE_MS = 60;
/** Shorter lumps look smooth as they are. */
const MIN_LUMP_CHARS = 40;
/** With fewer silences no rhythm is known; more than the last ones are not remembered. */
const KNOWN_SILENCES = 3;
const REMEMBERED_SILENCES = 5;
/** What a fast model writes in a millisecond. Until a rhythm is known, the next lump is expected after as long as this one took to write. */
const CHARS_PER_MS = 0.4;

/** A read as part of its lump. */
export interface LumpPart {
	/** It comes after a silence: what came before it should be on the screen by now. */
	isFirst: boolean;
	/** When the next lump is expected; the time of the read itself where its text is to be written at once. */
	due: number;
}

/** Learns from the reads of a stream when the next text is due. */
export class Rhythm {
	#lastReadAt: number | undefined;
	#lumpAt = 0;
	#lumpChars = 0;
	/** Times between the last lumps, the latest one last. */
	#silences: number[] = [];

	/** Takes a read with `chars` characters of text. */
	read(now: number, chars: number): LumpPart {
		const silence = this.#lastReadAt === undefined ? undefined : now - this.#lastReadAt;
		const isFirst = silence === undefined || silence >= MIN_SILENCE_MS;
		this.#lastReadAt = now;
		if (isFirst) {
			if (silence !== undefined) this.#silences = [...this.#silences, silence].slice(-REMEMBERED_SILENCES);
			this.#lumpAt = now;
			this.#lumpChars = 0;
		}
		this.#lumpChars += chars;
		// What goes on without a silence is no lump but a fast stream.
		const isLump = this.#lumpChars >= MIN_LUMP_CHARS && now - this.#lumpAt < MIN_SILENCE_MS;
		const due = this.#lumpAt + Math.min(this.#expectedSilence(), MAX_DELAY_MS);
		return { isFirst, due: isLump && due - now >= MIN_SILENCE_MS ? due : now };
	}

	/** The second longest of the last silences: text moves on until most lumps, and one pause of the model changes nothing. */
	#expectedSilence(): number {
		const [longest = Number.POSITIVE_INFINITY, second = longest] = this.#silences.toSorted((a, b) => b - a);
		const isKnown = this.#silences.length >= KNOWN_SILENCES;
		return isKnown ? second : Math.min(longest, this.#lumpChars / CHARS_PER_MS);
	}
}
