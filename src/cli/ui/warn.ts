import { style } from "./style.ts";

/** Tells the user something on stderr, one line, before or after claude has the terminal. */
export function warn(text: string): void {
	process.stderr.write(`${style.warning("cc-any:")} ${text}\n`);
}
