import type { ExchangeRecord } from "../../record/exchange-record.ts";
import type { SessionHead } from "../../record/session-log.ts";
import type { ExchangeView } from "../exchange-view.ts";
import type { EventLine, FrameLine } from "../recorded-lines.ts";
import type { ListedSession } from "../viewer-data.ts";

export interface LoadedSession {
	head: SessionHead;
	records: ExchangeRecord[];
}

async function load<T>(path: string): Promise<T> {
	const response = await fetch(`api/${path}`);
	if (!response.ok) throw new Error(await response.text());
	return response.json();
}

export const loadSessions = () => load<ListedSession[]>("sessions");
export const loadSession = (id: string) => load<LoadedSession>(`sessions/${id}`);
export const loadExchange = (id: string, number: number) => load<ExchangeView>(`sessions/${id}/${number}`);

/** Loads the bodies of one exchange in pieces. */
export interface BodySource {
	frames: (from: number, count: number) => Promise<FrameLine[]>;
	events: (from: number, count: number) => Promise<EventLine[]>;
	text: (list: "asked" | "sent" | "frames" | "events", index: number) => Promise<string>;
}

export function bodySource(id: string, number: number): BodySource {
	const path = `sessions/${id}/${number}`;
	return {
		frames: (from, count) => load(`${path}/frames?from=${from}&count=${count}`),
		events: (from, count) => load(`${path}/events?from=${from}&count=${count}`),
		text: async (list, index) => (await load<{ text: string }>(`${path}/${list}/${index}`)).text,
	};
}

export interface LiveListener {
	exchanges: (records: ExchangeRecord[]) => void;
	sessions: (ids: string[]) => void;
	/** Whether the connection is open. */
	state: (isOpen: boolean) => void;
}

/** Follows a session. Returns a function that stops it. */
export function follow(session: string | undefined, listener: LiveListener): () => void {
	const source = new EventSource(`api/live${session ? `?session=${session}` : ""}`);
	source.onopen = () => listener.state(true);
	source.onerror = () => listener.state(false);
	source.addEventListener("exchanges", (event) => listener.exchanges(JSON.parse(event.data)));
	source.addEventListener("sessions", (event) => listener.sessions(JSON.parse(event.data)));
	return () => source.close();
}
