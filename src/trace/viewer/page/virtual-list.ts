import { h } from "./dom.ts";

/** Extra rows above and below the visible ones. */
const OVERSCAN_ROWS = 12;

export interface VirtualListOptions {
	/** The scrolling element that contains the rows. */
	holder: HTMLElement;
	rowHeight: number;
	row: (index: number) => HTMLElement;
}

/** A long list of rows of equal height. Only visible rows are in the document. */
export class VirtualList {
	readonly #options: VirtualListOptions;
	readonly #space = h("div", { class: "space", role: "presentation" });
	#count = 0;
	#drawn = "";
	/** Elements in the document, by index. */
	readonly #rows = new Map<number, HTMLElement>();

	constructor(options: VirtualListOptions) {
		this.#options = options;
		options.holder.append(this.#space);
		options.holder.addEventListener("scroll", () => this.#draw(), { passive: true });
		new ResizeObserver(() => this.#draw()).observe(options.holder);
	}

	show(count: number): void {
		this.#count = count;
		// Set by script, because the page's CSP forbids style attributes.
		this.#space.style.height = `${count * this.#options.rowHeight}px`;
		this.redraw();
	}

	/** Draws all visible rows again. */
	redraw(): void {
		this.#drawn = "";
		this.#rows.clear();
		this.#space.replaceChildren();
		this.#draw();
	}

	/** Scrolls as little as necessary to show a row. */
	reveal(index: number): void {
		const { holder, rowHeight } = this.#options;
		const top = index * rowHeight;
		if (top < holder.scrollTop) holder.scrollTop = top;
		else if (top + rowHeight > holder.scrollTop + holder.clientHeight) {
			holder.scrollTop = top + rowHeight - holder.clientHeight;
		}
		this.#draw();
	}

	get isAtEnd(): boolean {
		const { holder, rowHeight } = this.#options;
		return holder.scrollTop + holder.clientHeight > holder.scrollHeight - 2 * rowHeight;
	}

	#draw(): void {
		const { holder, rowHeight, row } = this.#options;
		const first = Math.max(0, Math.floor(holder.scrollTop / rowHeight) - OVERSCAN_ROWS);
		const count = Math.ceil(holder.clientHeight / rowHeight) + 2 * OVERSCAN_ROWS;
		const last = Math.min(this.#count, first + count);
		const key = `${first}-${last}`;
		if (key === this.#drawn) return;
		this.#drawn = key;
		for (const [index, element] of this.#rows) {
			if (index >= first && index < last) continue;
			element.remove();
			this.#rows.delete(index);
		}
		for (let index = first; index < last; index++) {
			if (this.#rows.has(index)) continue;
			const element = row(index);
			element.style.transform = `translateY(${index * rowHeight}px)`;
			this.#rows.set(index, element);
			this.#space.append(element);
		}
	}
}
