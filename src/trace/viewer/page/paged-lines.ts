/** Lines that are asked for at once. */
const PAGE = 200;
/** Pages that are kept: more than a screen ever shows. */
const KEPT = 40;

/** A list whose lines are fetched when they are looked at. Where the eye has moved on meanwhile, pages are left out. */
export class PagedLines<T> {
	readonly count: number;
	readonly #load: (from: number, count: number) => Promise<readonly T[]>;
	readonly #loaded: () => void;
	readonly #pages = new Map<number, readonly T[]>();
	/** Pages that were looked at last, the newest at the end. */
	#wanted: number[] = [];
	#isLoading = false;

	constructor(count: number, load: (from: number, count: number) => Promise<readonly T[]>, loaded: () => void) {
		this.count = count;
		this.#load = load;
		this.#loaded = loaded;
	}

	/** Undefined: it is being fetched, and `loaded` will be called. */
	at(index: number): T | undefined {
		if (index < 0 || index >= this.count) return undefined;
		const page = Math.floor(index / PAGE);
		const lines = this.#pages.get(page);
		if (!lines) this.#want(page);
		return lines?.[index % PAGE];
	}

	/** The line, when it is there. */
	async get(index: number): Promise<T | undefined> {
		const page = Math.floor(index / PAGE);
		const lines = this.#pages.get(page) ?? (await this.#fetch(page));
		return lines[index % PAGE];
	}

	#want(page: number): void {
		// A screen lies on two pages at most.
		this.#wanted = [...this.#wanted.filter((other) => other !== page), page].slice(-2);
		if (!this.#isLoading) void this.#loadWanted();
	}

	async #loadWanted(): Promise<void> {
		this.#isLoading = true;
		try {
			for (let page = this.#wanted.pop(); page !== undefined; page = this.#wanted.pop()) {
				await this.#fetch(page);
				this.#loaded();
			}
		} finally {
			this.#isLoading = false;
		}
	}

	async #fetch(page: number): Promise<readonly T[]> {
		const lines = this.#pages.get(page) ?? (await this.#load(page * PAGE, PAGE));
		this.#pages.set(page, lines);
		const [oldest] = this.#pages.keys();
		if (this.#pages.size > KEPT && oldest !== undefined) this.#pages.delete(oldest);
		return lines;
	}
}
