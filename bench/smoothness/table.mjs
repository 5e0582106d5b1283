// The results as a table for docs/repairs.md.
import { markdown } from "../resilience/table.mjs";

const HEAD = [
	"provider writes",
	"in motion",
	"gaps, median and 95 %",
	"longest gap",
	"text in lumps",
	"latest text",
	"end later",
];
const percent = (share) => `${Math.max(0, share * 100).toFixed(0)} %`;
const ms = (value) => `${Math.round(value)} ms`;

export function tableOf({ rows }) {
	const cells = rows.map(({ name, provider, ccAny, lagMs, endMs }) => [
		name,
		`${percent(provider.inMotion)} → ${percent(ccAny.inMotion)}`,
		`${ms(ccAny.p50Ms)}, ${ms(ccAny.p95Ms)}`,
		`${ms(provider.longestMs)} → ${ms(ccAny.longestMs)}`,
		`${percent(provider.inLumps)} → ${percent(ccAny.inLumps)}`,
		ms(lagMs),
		ms(endMs),
	]);
	return markdown([HEAD, ...cells]);
}
