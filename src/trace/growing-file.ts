import { open, stat } from "node:fs/promises";

/** Complete lines that were added since the last look. */
export class GrowingFile {
	readonly #path: string;
	#offset = 0;
	#rest = "";

	constructor(path: string) {
		this.#path = path;
	}

	async newLines(): Promise<string[]> {
		const { size } = await stat(this.#path);
		if (size <= this.#offset) return [];
		const bytes = Buffer.alloc(size - this.#offset);
		const file = await open(this.#path);
		try {
			await file.read(bytes, 0, bytes.length, this.#offset);
		} finally {
			await file.close();
		}
		this.#offset = size;
		const lines = (this.#rest + bytes.toString("utf8")).split("\n");
		this.#rest = lines.pop() ?? "";
		return lines;
	}
}
