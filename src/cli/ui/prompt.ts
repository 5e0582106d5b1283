import { on } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { EXIT, UserError } from "../../platform/user-error.ts";

/** Whether a person can answer questions. */
export function isTerminal(): boolean {
	return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on stderr for a line; an empty one is the default. */
export async function ask(question: string, otherwise = ""): Promise<string> {
	// Imported here, because every run imports this module for `isTerminal`.
	const { createInterface } = await import("node:readline/promises");
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	const abort = new AbortController();
	terminal.once("SIGINT", () => abort.abort());
	terminal.once("close", () => abort.abort());
	try {
		const shown = otherwise === "" ? `${question} ` : `${question} [${otherwise}] `;
		return (await terminal.question(shown, { signal: abort.signal })).trim() || otherwise;
	} catch (error) {
		if (abort.signal.aborted) throw interrupted();
		throw error;
	} finally {
		terminal.close();
	}
}

/** Asks on the terminal; without one the answer is no. */
export async function confirm(question: string): Promise<boolean> {
	return isTerminal() && /^y(es)?$/i.test(await ask(`${question} [y/N]`));
}

const ENTER = ["\r", "\n", "\x04"];
const ERASE = ["\x08", "\x7f"];
const [INTERRUPT, ESCAPE, CLEAR] = ["\x03", "\x1b", "\x15"];

/** A line as it is typed: Escape and Ctrl-C give up, Ctrl-U clears it, arrow keys and the marks of a bracketed paste do nothing. */
class TypedLine {
	text = "";

	/** Takes what was typed. Returns true once the line is complete. */
	take(typed: string): boolean {
		if (typed === ESCAPE) throw interrupted();
		for (const character of stripVTControlCharacters(typed)) {
			if (ENTER.includes(character)) return true;
			if (character === INTERRUPT) throw interrupted();
			if (character === CLEAR) this.text = "";
			else if (ERASE.includes(character)) this.text = this.text.slice(0, -1);
			else this.text += character;
		}
		return false;
	}
}

/** Asks for a line that is not echoed. Its length, once it is complete, shows that the paste has worked. */
export async function askHidden(question: string): Promise<string> {
	const { stdin, stderr } = process;
	// Before the question is shown: text that is pasted at once would be echoed, and Ctrl-C would end the process.
	stdin.setRawMode(true);
	stdin.setEncoding("utf8");
	stderr.write(`${question} `);
	// Not the stream's own iterator: after a question of `ask`, which pauses the stream, it can wait for ever.
	const reads = on(stdin, "data", { close: ["end"] });
	stdin.resume();
	const line = new TypedLine();
	try {
		for await (const [typed] of reads as AsyncIterable<[string]>) if (line.take(typed)) break;
		if (line.text !== "") stderr.write(`${line.text.trim().length} characters received`);
		return line.text;
	} finally {
		stdin.setRawMode(false);
		stdin.pause();
		stderr.write("\n");
	}
}

/** The error for an unanswered question. */
export function interrupted(): UserError {
	return new UserError("interrupted", { exitCode: EXIT.failure });
}
