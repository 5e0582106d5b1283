import { counted, dollars, percent, tokens } from "../../../platform/figures.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";
import { summarise } from "../../store/summarise.ts";
import type { ExchangeView } from "../exchange-view.ts";
import type { ListedSession } from "../viewer-data.ts";
import { bodySource, follow, loadExchange, loadSession, loadSessions } from "./api.ts";
import { Chart } from "./chart.ts";
import { details, TABS } from "./details.ts";
import { byId, h } from "./dom.ts";
import { Filters } from "./filters.ts";
import { scaleOf, timelineRow } from "./timeline.ts";
import { VirtualList } from "./virtual-list.ts";

const ROW_HEIGHT_PX = 26;
/** After this time a notice says that an exchange is loading. */
const LOADING_NOTICE_MS = 200;

const sessionSelect = byId<HTMLSelectElement>("session");
const timeline = byId("timeline");
const detailsPane = byId("details");

const state = {
	session: "",
	records: new Map<number, ExchangeRecord>(),
	shown: [] as ExchangeRecord[],
	scale: scaleOf([], false),
	selected: undefined as number | undefined,
	tab: 0,
	view: undefined as { key: string; view: ExchangeView } | undefined,
	reading: Promise.resolve() as Promise<unknown>,
	unfollow: () => {},
};

const filters = new Filters(() => render());
const chart = new Chart({ canvas: byId("chart"), cursor: byId("cursor"), select: (number) => select(number, true) });
const rows = new VirtualList({
	holder: timeline,
	rowHeight: ROW_HEIGHT_PX,
	row: (index) => {
		const record = state.shown[index] as ExchangeRecord;
		return timelineRow(record, filters.kindsOf(record), state.scale, record.number === state.selected);
	},
});

function render(): void {
	const all = [...state.records.values()];
	const stay = rows.isAtEnd;
	filters.offer(all);
	state.shown = all.filter((record) => filters.accept(record));
	state.scale = scaleOf(state.shown, filters.byClock);
	rows.show(state.shown.length);
	if (stay && state.selected === undefined) rows.reveal(state.shown.length - 1);
	chart.show(state.shown);
	byId("count").textContent = `${state.shown.length} of ${counted(all.length, "exchange")}`;
	byId("summary").textContent = summaryText(all);
}

function summaryText(records: readonly ExchangeRecord[]): string {
	const summary = summarise(records);
	const isCounted = summary.uncounted < summary.requests;
	return [
		counted(records.length, "exchange"),
		// The number that the filter "only with findings" leaves.
		`${records.filter((record) => filters.kindsOf(record).length > 0).length} with findings`,
		isCounted &&
			`${tokens(summary.inputTokens)} in (${percent(summary.cachedTokens, summary.inputTokens)} cached), ${tokens(summary.outputTokens)} out`,
		!isCounted && "tokens unknown",
		summary.cost === undefined ? "cost unknown" : dollars(summary.cost),
	]
		.filter(Boolean)
		.join(" · ");
}

async function openSession(id: string, number?: number): Promise<void> {
	state.unfollow();
	state.session = id;
	state.records = new Map();
	closeDetails();
	sessionSelect.value = id;
	const { records } = await loadSession(id);
	add(records);
	state.unfollow = follow(id, {
		exchanges: add,
		sessions: () => void listSessions(),
		state: (isOpen) => {
			byId("live").textContent = isOpen ? "live" : "not connected";
			byId("live").className = isOpen ? "on" : "";
		},
	});
	if (number !== undefined && state.records.has(number)) await select(number, true);
}

/** Adds records. Known ones are ignored, because a record never changes. */
function add(records: readonly ExchangeRecord[]): void {
	const fresh = records.filter(({ number }) => !state.records.has(number));
	for (const record of fresh) state.records.set(record.number, record);
	if (fresh.length > 0 || records.length === 0) render();
}

async function select(number: number, open: boolean): Promise<void> {
	state.selected = number;
	revealSelected();
	for (const row of timeline.querySelectorAll('[aria-selected="true"]')) row.setAttribute("aria-selected", "false");
	document.getElementById(`row-${number}`)?.setAttribute("aria-selected", "true");
	timeline.setAttribute("aria-activedescendant", `row-${number}`);
	chart.select(number);
	history.replaceState(null, "", `#${state.session}/${number}`);
	if (open || !detailsPane.hidden) await showDetails(number);
}

function revealSelected(): void {
	const index = state.shown.findIndex((record) => record.number === state.selected);
	if (index >= 0) rows.reveal(index);
}

async function showDetails(number: number): Promise<void> {
	const record = state.records.get(number);
	if (!record) return;
	const hadFocus = detailsPane.contains(document.activeElement);
	// Another one may be selected meanwhile.
	const show = (...content: HTMLElement[]) => state.selected === number && fillDetails(content);
	const waiting = setTimeout(() => show(notice("empty", `Loading exchange ${number}…`)), LOADING_NOTICE_MS);
	try {
		const view = await viewOf(state.session, number);
		if (!view) return;
		const actions = { choose: (tab: number) => chooseTab(tab), close: closeDetails };
		show(...details(record, view, bodySource(state.session, number), state.tab, actions));
		if (hadFocus && state.selected === number) byId(`tab-${state.tab}`).focus();
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		show(notice("bad", `Exchange ${number} cannot be shown: ${reason}`));
	} finally {
		clearTimeout(waiting);
	}
}

function fillDetails(content: readonly HTMLElement[]): void {
	detailsPane.replaceChildren(...content);
	detailsPane.hidden = false;
	byId("main").classList.add("open");
	// The list is smaller now.
	revealSelected();
}

function notice(kind: "empty" | "bad", text: string): HTMLElement {
	return h("p", { class: `${kind} notice`, role: "status" }, text);
}

/**
 * The view of an exchange. It is kept, so that another tab needs no request. One is loaded at a time, so that a held key
 * skips the exchanges in between; those are undefined.
 */
async function viewOf(session: string, number: number): Promise<ExchangeView | undefined> {
	const key = `${session}/${number}`;
	if (state.view?.key === key) return state.view.view;
	const load = () => (state.selected === number ? loadExchange(session, number) : undefined);
	const loading = state.reading.then(load, load);
	state.reading = loading;
	const view = await loading;
	// A full trace is written after the exchange, so it may exist the next time.
	if (view?.bodies) state.view = { key, view };
	return view;
}

function chooseTab(tab: number): void {
	state.tab = tab;
	if (state.selected !== undefined) void showDetails(state.selected);
}

function closeDetails(): void {
	detailsPane.hidden = true;
	byId("main").classList.remove("open");
	timeline.focus();
}

function move(step: number, accept: (record: ExchangeRecord) => boolean = () => true): void {
	const current = state.shown.findIndex(({ number }) => number === state.selected);
	const start = current < 0 ? (step > 0 ? -1 : state.shown.length) : current;
	for (let index = start + step; index >= 0 && index < state.shown.length; index += step) {
		const record = state.shown[index];
		if (record && accept(record)) return void select(record.number, false);
	}
}

const KEYS: Readonly<Record<string, () => void>> = {
	ArrowDown: () => move(1),
	j: () => move(1),
	ArrowUp: () => move(-1),
	k: () => move(-1),
	n: () => move(1, (record) => filters.kindsOf(record).length > 0),
	Enter: () => state.selected !== undefined && void select(state.selected, true),
	Escape: closeDetails,
	d: () => filters.toggleDivergent(),
	t: () => filters.toggleClock(),
	"/": () => filters.focus(),
	"?": () => byId<HTMLDialogElement>("help").showModal(),
};

document.addEventListener("keydown", (event) => {
	const target = event.target as HTMLElement;
	if (event.ctrlKey || event.metaKey || event.altKey || byId<HTMLDialogElement>("help").open) return;
	if (target.closest("select, input, textarea") && event.key !== "Escape") return;
	// Buttons and folded parts use Enter themselves.
	if (event.key === "Enter" && target.closest("button, summary")) return;
	const tab = Number(event.key) - 1;
	if (tab >= 0 && tab < TABS.length && !detailsPane.hidden) chooseTab(tab);
	else if (KEYS[event.key]) KEYS[event.key]?.();
	else return;
	event.preventDefault();
});

timeline.addEventListener("click", (event) => {
	const row = (event.target as HTMLElement).closest<HTMLElement>("[data-number]");
	if (row) void select(Number(row.dataset["number"]), true);
});
byId("help-button").addEventListener("click", () => byId<HTMLDialogElement>("help").showModal());
sessionSelect.addEventListener("change", () => openSession(sessionSelect.value).catch(showError));

async function listSessions(): Promise<ListedSession[]> {
	const sessions = await loadSessions();
	const options = sessions.map(({ head, summary }) => {
		const text = `${new Date(head.startedAt).toLocaleString()} · ${head.profile} · ${counted(summary.requests, "request")}`;
		return h("option", { value: head.session, selected: head.session === state.session }, text);
	});
	sessionSelect.replaceChildren(...options);
	return sessions;
}

async function start(): Promise<void> {
	const sessions = await listSessions();
	const [wanted, number] = location.hash.slice(1).split("/");
	const first = sessions.find(({ head }) => head.session === wanted) ?? sessions[0];
	if (first) return openSession(first.head.session, number === undefined ? undefined : Number(number));
	byId("summary").textContent = "No session is recorded yet. Start cc-any, and it will appear here.";
	state.unfollow = follow(undefined, { exchanges: () => {}, sessions: () => void start(), state: () => {} });
}

/** Shows an error in place of the summary. */
function showError(error: unknown): void {
	byId("summary").textContent = error instanceof Error ? error.message : String(error);
}

start().catch(showError);
