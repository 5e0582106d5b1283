import type { ExchangeRecord } from "../../exchange-record.ts";
import type { SessionHead } from "../../session-log.ts";
import type { Summary } from "../../summarise.ts";
import type { ExchangeView } from "../exchange-view.ts";

export interface ListedSession {
	head: SessionHead;
	summary: Summary;
}

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

export interface LiveListener {
	exchanges: (records: ExchangeRecord[]) => void;
	sessions: (ids: string[]) => void;
	/** Whether the connection stands. */
	state: (isOpen: boolean) => void;
}

/** Follows a session; returns how to stop. */
export function follow(session: string | undefined, listener: LiveListener): () => void {
	const source = new EventSource(`api/live${session ? `?session=${session}` : ""}`);
	source.onopen = () => listener.state(true);
	source.onerror = () => listener.state(false);
	source.addEventListener("exchanges", (event) => listener.exchanges(JSON.parse(event.data)));
	source.addEventListener("sessions", (event) => listener.sessions(JSON.parse(event.data)));
	return () => source.close();
}
