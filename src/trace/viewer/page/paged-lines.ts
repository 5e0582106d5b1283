/** Lines of one request. */
const PAGE_LINES = 200;
/** More than a screen ever shows. */
const MAX_CACHED_PAGES = 40;

/** A list whose lines are loaded when they become visible. Pages that were scrolled past meanwhile are skipped. */
export class PagedLines<T> {
	readonly count: number;
	readonly #load: (from: number, count: number) => Promise<readonly T[]>;
	readonly #loaded: () => void;
	readonly #pages = new Map<number, readonly T[]>();
	/** Pages that became visible last, the newest at the end. */
	#wanted: number[] = [];
	#isLoading = false;

	constructor(count: number, load: (from: number, count: number) => Promise<readonly T[]>, loaded: () => void) {
		this.count = count;
		this.#load = load;
		this.#loaded = loaded;
	}

	/** Undefined while it is loading; `loaded` is called afterwards. */
	at(index: number): T | undefined {
		if (index < 0 || index >= this.count) return undefined;
		const page = Math.floor(index / PAGE_LINES);
		const lines = this.#pages.get(page);
		if (!lines) this.#want(page);
		return lines?.[index % PAGE_LINES];
	}

	/** The line, once it is loaded. */
	async get(index: number): Promise<T | undefined> {
		const page = Math.floor(index / PAGE_LINES);
		const lines = this.#pages.get(page) ?? (await this.#fetch(page));
		return lines[index % PAGE_LINES];
	}

	#want(page: number): void {
		// A screen shows at most two pages.
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
		const lines = this.#pages.get(page) ?? (await this.#load(page * PAGE_LINES, PAGE_LINES));
		this.#pages.set(page, lines);
		const [oldest] = this.#pages.keys();
		if (this.#pages.size > MAX_CACHED_PAGES && oldest !== undefined) this.#pages.delete(oldest);
		return lines;
	}
}
