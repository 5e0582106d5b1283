import { open, stat } from "node:fs/promises";

/** Reads the complete lines that were appended to a file since the last read. */
export class GrowingFile {
	readonly #path: string;
	/** Start of the first line that is not complete yet. */
	#offset = 0;

	constructor(path: string) {
		this.#path = path;
	}

	async newLines(): Promise<string[]> {
		const { size } = await stat(this.#path);
		if (size <= this.#offset) return [];
		const added = await readRange(this.#path, this.#offset, size);
		// A character that is cut in two comes after the last line break: it is read again with the complete line.
		const complete = added.subarray(0, added.lastIndexOf("\n") + 1);
		this.#offset += complete.length;
		return complete.toString("utf8").split("\n").slice(0, -1);
	}
}

async function readRange(path: string, from: number, to: number): Promise<Buffer> {
	const bytes = Buffer.alloc(to - from);
	const file = await open(path);
	try {
		const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
		return bytes.subarray(0, bytesRead);
	} finally {
		await file.close();
	}
}
