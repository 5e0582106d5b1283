import { duration } from "../../figures.ts";
import type { ExchangeView, PaneRow } from "../exchange-view.ts";
import { h } from "./dom.ts";
import { VirtualList } from "./virtual-list.ts";

type Bodies = NonNullable<ExchangeView["bodies"]>;

const LINE = 22;

/** The four bodies side by side; parts that a rule changed are marked, frames and events that belong together linked. */
export function panes({ asked, sent, frames, events }: Bodies): HTMLElement {
	const full = h(
		"pre",
		{ class: "full", tabindex: 0, "aria-label": "The chosen frame or event", "aria-live": "polite" },
		"Choose a frame or an event to read it whole.",
	);
	const frameList = h("div", { class: "lines", tabindex: 0, role: "listbox", "aria-label": "Frames received" });
	const eventList = h("div", { class: "lines", tabindex: 0, role: "listbox", "aria-label": "Events returned" });
	const chosen = { frame: -1, event: -1 };
	const line = (index: number, isChosen: boolean, isLinked: boolean, ...texts: string[]) =>
		h(
			"div",
			{
				class: isLinked ? "line linked" : "line",
				role: "option",
				"aria-selected": String(isChosen),
				"data-index": index,
			},
			...texts.map((text) => h("span", {}, text)),
		);
	const frameRows = new VirtualList<Bodies["frames"][number]>({
		holder: frameList,
		rowHeight: LINE,
		row: ({ time, text }, index) =>
			line(index, index === chosen.frame, events[chosen.event]?.read === index, duration(time), oneLine(text)),
	});
	const eventRows = new VirtualList<Bodies["events"][number]>({
		holder: eventList,
		rowHeight: LINE,
		row: ({ type, text, read }, index) =>
			line(index, index === chosen.event, chosen.frame >= 0 && read === chosen.frame, type, oneLine(text)),
	});
	const redraw = () => {
		frameRows.redraw();
		eventRows.redraw();
	};
	pick(
		frameList,
		frames.length,
		() => chosen.frame,
		(index) => {
			Object.assign(chosen, { frame: index, event: -1 });
			full.textContent = frames[index]?.text ?? "";
			const first = events.findIndex(({ read }) => read === index);
			if (first >= 0) eventRows.reveal(first);
			frameRows.reveal(index);
			redraw();
		},
	);
	pick(
		eventList,
		events.length,
		() => chosen.event,
		(index) => {
			Object.assign(chosen, { frame: -1, event: index });
			full.textContent = pretty(events[index]?.text ?? "");
			const { read = -1 } = events[index] ?? {};
			if (read >= 0) frameRows.reveal(read);
			eventRows.reveal(index);
			redraw();
		},
	);
	const grid = h(
		"div",
		{ class: "panes" },
		pane("Asked by Claude Code", h("div", { class: "parts" }, ...asked.map(part))),
		pane("Sent to the provider", h("div", { class: "parts" }, ...sent.map(part))),
		pane(`Frames received (${frames.length})`, frameList),
		pane(`Events returned (${events.length})`, eventList),
		full,
	);
	// The lists need their height before they know what is visible.
	requestAnimationFrame(() => {
		frameRows.show(frames);
		eventRows.show(events);
	});
	return grid;
}

function pane(title: string, content: HTMLElement): HTMLElement {
	return h("section", { class: "pane", "aria-label": title }, h("h3", {}, title), content);
}

/** Long parts are folded, changed ones open. */
function part({ place, text, rule }: PaneRow): HTMLElement {
	const summary = h("summary", {}, h("b", {}, place), " ", rule ? h("code", {}, rule) : h("span", {}, oneLine(text)));
	const isOpen = rule !== undefined && text.length < 2000;
	const details = h("details", { class: rule ? "part changed" : "part", open: isOpen }, summary);
	const fill = () => details.open && details.childElementCount === 1 && details.append(h("pre", {}, text));
	details.addEventListener("toggle", fill);
	fill();
	return details;
}

/** Choosing with mouse and arrows. */
function pick(list: HTMLElement, count: number, current: () => number, choose: (index: number) => void): void {
	list.addEventListener("click", (event) => {
		const row = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
		if (row) choose(Number(row.dataset["index"]));
	});
	list.addEventListener("keydown", (event) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step === undefined || count === 0) return;
		event.preventDefault();
		event.stopPropagation();
		choose(Math.min(count - 1, Math.max(0, current() + step)));
	});
}

function oneLine(text: string): string {
	return text.slice(0, 300).replace(/\s+/g, " ").trim();
}

function pretty(json: string): string {
	try {
		return JSON.stringify(JSON.parse(json), null, 2);
	} catch {
		return json; // it was shortened
	}
}
