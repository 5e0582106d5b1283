import { duration } from "../../../platform/figures.ts";
import { usageTexts } from "../../record/cost.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";
import { h } from "./dom.ts";

/** The time axis of the bars. */
export interface Scale {
	/** Left edge, in milliseconds since 1970; undefined when each bar begins at the left. */
	from: number | undefined;
	/** Milliseconds of the whole width. */
	span: number;
}

/** The phases of an exchange, as a browser's network panel shows them. */
const PHASES = ["queue", "connect", "wait", "stream"] as const;

export const PHASE_LABELS: Readonly<Record<(typeof PHASES)[number], string>> = {
	queue: "queue, retries",
	connect: "until headers",
	wait: "until first content",
	stream: "stream",
};

/** Milliseconds of each phase. */
export function phasesOf(record: ExchangeRecord): Record<(typeof PHASES)[number], number> {
	const { sentAt = record.duration, duration: end } = record;
	const headersAt = Math.max(sentAt, record.headersAt ?? record.firstToken ?? end);
	const firstToken = Math.max(headersAt, record.firstToken ?? end);
	return { queue: sentAt, connect: headersAt - sentAt, wait: firstToken - headersAt, stream: end - firstToken };
}

/** By duration: the longest bar fills the width. By clock: from the first to the last. */
export function scaleOf(records: readonly ExchangeRecord[], byClock: boolean): Scale {
	if (!byClock) return { from: undefined, span: Math.max(1, ...records.map((record) => record.duration)) };
	const from = records[0]?.startedAt ?? 0;
	const end = Math.max(from + 1, ...records.map((record) => record.startedAt + record.duration));
	return { from, span: end - from };
}

/** One row: number, purpose, model, status, remarks, figures, bar. */
export function timelineRow(
	record: ExchangeRecord,
	kinds: readonly string[],
	scale: Scale,
	isSelected: boolean,
): HTMLElement {
	const isBad = record.failure !== undefined;
	const status = record.status === 0 ? "aborted" : String(record.status);
	const { input, output } = usageTexts(record);
	const figures = `${input} in, ${output} out`;
	return h(
		"div",
		{
			class: "row",
			role: "option",
			id: `row-${record.number}`,
			"aria-selected": String(isSelected),
			"data-number": record.number,
		},
		h("span", { class: "number" }, String(record.number)),
		h("span", { class: `purpose ${record.purpose}` }, record.purpose),
		h("span", { class: "model", title: record.servedModel }, record.servedModel || record.requestedModel),
		h("span", { class: isBad ? "status bad" : "status" }, status),
		h("span", { class: "kinds", title: kinds.join(", ") }, kinds.join(", ")),
		h("span", { class: "figures" }, figures),
		h("span", { class: "time" }, duration(record.duration)),
		bar(record, scale),
	);
}

const SVG = "http://www.w3.org/2000/svg";
/** Width of a bar in SVG units. It is stretched to the column. */
const WIDTH = 1000;

/** The phases as coloured parts, and reads with content as dots: bursts appear as clusters. */
function bar(record: ExchangeRecord, scale: Scale): SVGElement {
	const svg = svgPart("svg", {
		class: "bar",
		viewBox: `0 0 ${WIDTH} 24`,
		preserveAspectRatio: "none",
		"aria-hidden": "true",
	});
	const units = (milliseconds: number) => ((WIDTH * milliseconds) / scale.span).toFixed(1);
	const left = scale.from === undefined ? 0 : record.startedAt - scale.from;
	const phases = phasesOf(record);
	let at = left;
	for (const phase of PHASES) {
		if (phases[phase] === 0) continue;
		const part = svgPart("rect", { class: phase, x: units(at), width: units(phases[phase]), y: "5", height: "14" });
		const title = svgPart("title", {});
		title.textContent = `${PHASE_LABELS[phase]}: ${duration(phases[phase])}`;
		part.append(title);
		svg.append(part);
		at += phases[phase];
	}
	// One path for all points, because an element for each would be too slow in a list of thousands.
	const points = (record.marks ?? []).map((mark) => `M${units(left + mark)} 12h.01`);
	svg.append(svgPart("path", { class: "mark", d: points.join("") }));
	return svg;
}

function svgPart(name: string, attributes: Record<string, string>): SVGElement {
	const element = document.createElementNS(SVG, name);
	for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
	return element;
}
