import { REDACTED } from "../../platform/secrets.ts";
import type { Redactor } from "./redact.ts";

type Holder = Record<string | number, unknown>;

/** One position in the values: the strings found there, in order, and the positions below it. */
class Place {
	readonly texts: string[] = [];
	readonly holders: Holder[] = [];
	readonly keys: (string | number)[] = [];
	readonly below = new Map<string | number, Place>();

	at(key: string | number): Place {
		const known = this.below.get(key);
		if (known) return known;
		const place = new Place();
		this.below.set(key, place);
		return place;
	}

	add(holder: Holder, key: string | number, text: string): void {
		this.texts.push(text);
		this.holders.push(holder);
		this.keys.push(key);
	}
}

/**
 * Redacts secrets in a sequence of JSON values in which a text may be split, as in the deltas of a stream: the strings
 * at the same position are searched as one text. Returns the same array when nothing was redacted.
 */
export function redactSequence<T>(items: readonly T[], redactor: Redactor): readonly T[] {
	if (!hasSecret(placesOf(items), redactor)) return items;
	const copies = structuredClone(items) as T[];
	mask(placesOf(copies), redactor);
	return copies;
}

function placesOf(items: readonly unknown[]): Place {
	const root = new Place();
	for (const item of items) if (typeof item === "object" && item !== null) walk(item as Holder, root);
	return root;
}

/** Called for every frame of a stream, so it builds no strings and no lists. */
function walk(holder: Holder, place: Place): void {
	for (const key in holder) {
		const value = holder[key];
		if (typeof value === "string") place.at(key).add(holder, key, value);
		else if (typeof value === "object" && value !== null) walk(value as Holder, below(place.at(key), value as Holder));
	}
}

/** Parallel tool calls have the same position in their chunks and differ by their own `index`. */
function below(place: Place, value: Holder): Place {
	const { index } = value;
	return typeof index === "number" ? place.at(index) : place;
}

function hasSecret(place: Place, redactor: Redactor): boolean {
	if (place.texts.length > 0 && redactor.ranges(place.texts.join("")).length > 0) return true;
	for (const inner of place.below.values()) if (hasSecret(inner, redactor)) return true;
	return false;
}

function mask(place: Place, redactor: Redactor): void {
	for (const [index, text] of redactTexts(place.texts, redactor).entries()) {
		const [holder, key] = [place.holders[index], place.keys[index]];
		if (holder && key !== undefined && text !== holder[key]) holder[key] = text;
	}
	for (const inner of place.below.values()) mask(inner, redactor);
}

/** Redacts the pieces of one text: the first piece of a secret is replaced, its other pieces are removed. */
export function redactTexts(texts: string[], redactor: Redactor): string[] {
	const ranges = merged(redactor.ranges(texts.join("")));
	if (ranges.length === 0) return texts;
	let offset = 0;
	return texts.map((text) => {
		const start = offset;
		offset += text.length;
		let kept = text;
		// From the end, so that earlier positions stay valid.
		for (const [from, to] of ranges.filter((range) => range[0] < offset && range[1] > start).reverse()) {
			const head = kept.slice(0, Math.max(0, from - start));
			kept = head + (from >= start ? REDACTED : "") + kept.slice(Math.min(kept.length, to - start));
		}
		return kept;
	});
}

function merged(ranges: readonly [number, number][]): [number, number][] {
	const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
	const result: [number, number][] = [];
	for (const [from, to] of sorted) {
		const last = result.at(-1);
		if (last && from <= last[1]) last[1] = Math.max(last[1], to);
		else result.push([from, to]);
	}
	return result;
}

/**
 * The bytes of an event stream without secrets; the same buffer when there are none. JSON frames are searched string by
 * string, everything else as plain text. Known secrets are searched in all of it.
 */
export function redactStream(bytes: Buffer, redactor: Redactor): Buffer {
	const text = bytes.toString("utf8");
	const lineEnd = text.includes("\n") ? "\n" : "\r";
	const lines = text.split(lineEnd);
	const data = parseLines(lines);
	const kept = redactSequence(data, redactor);
	// `event:` lines repeat, so each is searched once.
	const others = new Set(lines.filter((line, index) => data[index] === undefined && line.length >= MIN_FRAME_CHARS));
	const isClean = kept === data && !redactor.knows(text) && ![...others].some((line) => redactor.text(line) !== line);
	if (isClean) return bytes;
	const rewritten = lines.map((line, index) => {
		const [before, after] = [data[index], kept[index]];
		if (before === undefined || JSON.stringify(before) === JSON.stringify(after)) return line;
		return `data: ${JSON.stringify(after)}${line.endsWith("\r") ? "\r" : ""}`;
	});
	return Buffer.from(redactor.text(rewritten.join(lineEnd)));
}

/** Shorter lines contain neither a frame nor a secret of a known shape. */
const MIN_FRAME_CHARS = 16;

/** The values of the lines that are JSON frames. Parsing them all at once takes half the time. */
function parseLines(lines: readonly string[]): unknown[] {
	const isFrame = (line: string) => line.startsWith("data: {") && line.length >= MIN_FRAME_CHARS;
	const frames = lines.filter(isFrame).map((line) => line.slice("data: ".length));
	const values = parse(`[${frames.join(",")}]`) as unknown[] | undefined;
	let next = 0;
	// A frame with two values, or half of one, would shift all that follow.
	if (values?.length === frames.length) return lines.map((line) => (isFrame(line) ? values[next++] : undefined));
	return lines.map((line) => (line.startsWith("data:") ? parse(line.slice("data:".length)) : undefined));
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined; // a damaged frame, `[DONE]`, or lines that end with CR only
	}
}

/** A value as JSON without secrets. They are searched in the texts themselves, then in the JSON, for those beside a name. */
export function redactedJson(value: unknown, redactor: Redactor): string {
	const [kept] = redactSequence([value], redactor);
	return redactor.text(JSON.stringify(kept));
}
