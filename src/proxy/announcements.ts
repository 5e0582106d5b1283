/** Told what the user should know now. */
export type OnAnnouncement = (text: string) => void;

/** What the user should know while the session runs: passed on at once, and shown once before a reply in a session. */
export class Announcements {
	readonly #onAnnouncement: OnAnnouncement;
	#pending: string[] = [];

	constructor(onAnnouncement: OnAnnouncement = () => {}) {
		this.#onAnnouncement = onAnnouncement;
	}

	/** Passes a text on, without a line in the conversation. */
	tell(text: string): void {
		this.#onAnnouncement(text);
	}

	/** Passes a text on, and keeps it for the next turn of the conversation. */
	announce(text: string): void {
		this.tell(text);
		this.#pending.push(`[cc-any: ${text}]`);
	}

	/** The texts for a turn that a person reads; each is returned once. */
	take(): string[] {
		return this.#pending.splice(0);
	}
}
