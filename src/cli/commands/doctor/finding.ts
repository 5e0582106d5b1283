import { style } from "../../ui/style.ts";

/** One line of `cc-any doctor`, and one element of its `--json`. */
export interface DoctorFinding {
	/** What was examined: `node`, `claude`, `key`. */
	check: string;
	state: "ok" | "warning" | "failed";
	/** The result. Never contains a key. */
	text: string;
	/** What to do about it. */
	fix?: string | undefined;
}

const SHOWN = { ok: style.success("ok"), warning: style.warning("warning"), failed: style.error("failed") } as const;

/** The longest state and the longest check: the rows are printed one by one, and are to have the same columns. */
const STATE_CHARS = "warning".length;
const CHECK_CHARS = "managed settings".length;

/** A finding as rows of a table: state, check and text; the fix in a second row. */
export function findingRows({ check, state, text, fix }: DoctorFinding): string[][] {
	const shown = SHOWN[state] + " ".repeat(STATE_CHARS - state.length);
	const row = [shown, check.padEnd(CHECK_CHARS), text];
	return fix === undefined ? [row] : [row, ["", "", `${style.hint("fix:")} ${fix}`]];
}

/** `2 failed, 1 warning, 9 ok`. */
export function countStates(findings: readonly DoctorFinding[]): string {
	const count = (state: DoctorFinding["state"]) => findings.filter((finding) => finding.state === state).length;
	const warnings = count("warning");
	return `${count("failed")} failed, ${warnings} warning${warnings === 1 ? "" : "s"}, ${count("ok")} ok`;
}
