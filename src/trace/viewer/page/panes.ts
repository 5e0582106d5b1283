import type { ExchangeView, PaneRow } from "../exchange-view.ts";
import type { EventLine, FrameLine } from "../recorded-lines.ts";
import type { BodySource } from "./api.ts";
import { h } from "./dom.ts";
import { PagedLines } from "./paged-lines.ts";
import { VirtualList } from "./virtual-list.ts";

type Bodies = NonNullable<ExchangeView["bodies"]>;

const LINE_HEIGHT_PX = 22;

/** The four bodies side by side. Parts that a rule changed are marked, frames and their events are linked. */
export function panes({ asked, sent, frames, events }: Bodies, source: BodySource): HTMLElement {
	const full = h(
		"pre",
		{ class: "full", tabindex: 0, "aria-label": "The selected frame or event", "aria-live": "polite" },
		"Select a frame or an event to read it in full.",
	);
	const lists = new LinkedLists({ frames, events }, source, full);
	return h(
		"div",
		{ class: "panes" },
		pane(
			"Requested by Claude Code",
			parts(asked, (index) => source.text("asked", index)),
		),
		pane(
			"Sent to the provider",
			parts(sent, (index) => source.text("sent", index)),
		),
		pane(`Frames received (${frames})`, lists.frameList),
		pane(`Events returned (${events})`, lists.eventList),
		full,
	);
}

/** Frames and events. Selecting one shows all of it, and the event or frame that belongs to it. */
class LinkedLists {
	readonly frameList = h("div", { class: "lines", tabindex: 0, role: "listbox", "aria-label": "Frames received" });
	readonly eventList = h("div", { class: "lines", tabindex: 0, role: "listbox", "aria-label": "Events returned" });
	readonly #frames: PagedLines<FrameLine>;
	readonly #events: PagedLines<EventLine>;
	readonly #frameRows: VirtualList;
	readonly #eventRows: VirtualList;
	readonly #source: BodySource;
	readonly #full: HTMLElement;
	#chosen: { list: "frames" | "events"; index: number } | undefined;

	constructor(counts: { frames: number; events: number }, source: BodySource, full: HTMLElement) {
		this.#source = source;
		this.#full = full;
		this.#frames = new PagedLines(counts.frames, source.frames, () => this.#frameRows.redraw());
		this.#events = new PagedLines(counts.events, source.events, () => this.#redraw());
		this.#frameRows = new VirtualList({
			holder: this.frameList,
			rowHeight: LINE_HEIGHT_PX,
			row: (index) => this.#frameRow(index),
		});
		this.#eventRows = new VirtualList({
			holder: this.eventList,
			rowHeight: LINE_HEIGHT_PX,
			row: (index) => this.#eventRow(index),
		});
		pick(this.frameList, counts.frames, this.#index("frames"), (index) => this.#choose("frames", index));
		pick(this.eventList, counts.events, this.#index("events"), (index) => this.#choose("events", index));
		// The lists need a height before they can compute what is visible.
		requestAnimationFrame(() => {
			this.#frameRows.show(counts.frames);
			this.#eventRows.show(counts.events);
		});
	}

	#index(list: "frames" | "events"): () => number {
		return () => (this.#chosen?.list === list ? this.#chosen.index : -1);
	}

	#frameRow(index: number): HTMLElement {
		const frame = this.#frames.at(index);
		const chosenEvent = this.#index("events")();
		const isLinked = chosenEvent >= 0 && this.#events.at(chosenEvent)?.read === index;
		const texts = frame ? [seconds(frame.time), frame.text] : undefined;
		return line(index, index === this.#index("frames")(), isLinked, texts);
	}

	#eventRow(index: number): HTMLElement {
		const event = this.#events.at(index);
		const chosenFrame = this.#index("frames")();
		const isLinked = chosenFrame >= 0 && event?.read === chosenFrame;
		return line(index, index === this.#index("events")(), isLinked, event && [event.type, event.text]);
	}

	async #choose(list: "frames" | "events", index: number): Promise<void> {
		const chosen = { list, index };
		this.#chosen = chosen;
		const [own, other] = list === "frames" ? [this.#frameRows, this.#eventRows] : [this.#eventRows, this.#frameRows];
		own.reveal(index);
		this.#redraw();
		const [text, linked] = await Promise.all([this.#source.text(list, index), this.#linkOf(list, index)]);
		// Another one may have been selected meanwhile.
		if (this.#chosen !== chosen) return;
		this.#full.textContent = text;
		if (linked !== undefined && linked >= 0) other.reveal(linked);
		this.#redraw();
	}

	async #linkOf(list: "frames" | "events", index: number): Promise<number | undefined> {
		return list === "frames" ? (await this.#frames.get(index))?.event : (await this.#events.get(index))?.read;
	}

	#redraw(): void {
		this.#frameRows.redraw();
		this.#eventRows.redraw();
	}
}

/** To the millisecond, to show the gaps between reads. */
function seconds(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(3)} s`;
}

/** Without texts the line is still loading. */
function line(index: number, isChosen: boolean, isLinked: boolean, texts: string[] | undefined): HTMLElement {
	const kind = texts ? "line" : "line loading";
	return h(
		"div",
		{
			class: isLinked ? `${kind} linked` : kind,
			role: "option",
			"aria-selected": String(isChosen),
			"data-index": index,
		},
		...(texts ?? ["…", ""]).map((text) => h("span", {}, text)),
	);
}

function pane(title: string, content: HTMLElement): HTMLElement {
	return h("section", { class: "pane", "aria-label": title }, h("h3", {}, title), content);
}

function parts(rows: readonly PaneRow[], whole: (index: number) => Promise<string>): HTMLElement {
	return h("div", { class: "parts" }, ...rows.map((row, index) => part(row, () => whole(index))));
}

/** Long parts are folded, changed ones open. The text is added when the part is opened. */
function part({ place, text, length, rule }: PaneRow, whole: () => Promise<string>): HTMLElement {
	const summary = h("summary", {}, h("b", {}, place), " ", rule ? h("code", {}, rule) : h("span", {}, oneLine(text)));
	const isShort = text.length === length;
	const isOpen = rule !== undefined && isShort;
	const details = h("details", { class: rule ? "part changed" : "part", open: isOpen }, summary);
	const fill = async () => {
		if (!details.open || details.childElementCount > 1) return;
		const content = h("pre", {}, text);
		details.append(content);
		if (!isShort) content.textContent = await whole();
	};
	details.addEventListener("toggle", () => void fill());
	void fill();
	return details;
}

/** Selection with mouse and arrow keys. */
function pick(list: HTMLElement, count: number, current: () => number, choose: (index: number) => Promise<void>): void {
	list.addEventListener("click", (event) => {
		const row = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
		if (row) void choose(Number(row.dataset["index"]));
	});
	list.addEventListener("keydown", (event) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step === undefined || count === 0) return;
		event.preventDefault();
		event.stopPropagation();
		void choose(Math.min(count - 1, Math.max(0, current() + step)));
	});
}

function oneLine(text: string): string {
	return text.slice(0, 300).replace(/\s+/g, " ").trim();
}
