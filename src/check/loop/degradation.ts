import type { CallVerdict, LoopTurn } from "./run-loop.ts";

/** Turns that are looked at together: fewer say nothing, more hide where it began. */
const WINDOW = 10;
/** Share of right turns below which a window counts as degraded. */
const GOOD = 0.8;

/** First turn of the first window in which a good part went wrong; undefined where none did. */
export function degradesAt(turns: readonly LoopTurn[]): number | undefined {
	const isGood = turns.map(({ calls, error }) => error === undefined && calls.every((call) => call === "right"));
	for (let start = 0; start + WINDOW <= isGood.length; start++) {
		const window = isGood.slice(start, start + WINDOW);
		if (window.filter(Boolean).length / WINDOW >= GOOD) continue;
		return (turns[start + window.indexOf(false)] as LoopTurn).turn;
	}
	return undefined;
}

/** How many calls got each verdict. */
export function countVerdicts(turns: readonly LoopTurn[]): Record<CallVerdict, number> {
	const counts = { right: 0, wrong: 0, repeated: 0, invalid: 0, forgotten: 0 };
	for (const verdict of turns.flatMap(({ calls }) => calls)) counts[verdict]++;
	return counts;
}
