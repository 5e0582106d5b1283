// Claude Code marks what is neither the user's nor a tool's with these tags.
const START = "<system-reminder>";
const END = "</system-reminder>";

/** An instruction outside the conversation, in the form that Claude Code itself uses. */
export function reminder(text: string): string {
	return `${START}\n${text}\n${END}`;
}

/** The pieces of a text around its reminders. A reminder without an end is part of the last piece. */
export function outsideReminders(text: string): string[] {
	const pieces: string[] = [];
	let from = 0;
	for (;;) {
		const start = text.indexOf(START, from);
		const end = start < 0 ? -1 : text.indexOf(END, start);
		if (end < 0) return [...pieces, text.slice(from)];
		pieces.push(text.slice(from, start));
		from = end + END.length;
	}
}

/** A text without its reminders. */
export function withoutReminders(text: string): string {
	return outsideReminders(text).join("");
}
