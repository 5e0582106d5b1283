import { REDACTED, type Redactor } from "./redact.ts";

interface Leaf {
	holder: Record<string, unknown> | unknown[];
	key: string | number;
	value: string;
}

/**
 * Takes secrets out of a sequence of JSON values in which a text may come in pieces, as in the deltas of a stream: the
 * strings that stand at the same place are read as one text. Returns the same array when there was nothing to take out.
 */
export function redactSequence<T>(items: readonly T[], redactor: Redactor): readonly T[] {
	if (!hasSecret(leavesOf(items), redactor)) return items;
	const copies = structuredClone(items) as T[];
	for (const leaves of leavesOf(copies).values()) mask(leaves, redactor);
	return copies;
}

function hasSecret(leaves: ReadonlyMap<string, readonly Leaf[]>, redactor: Redactor): boolean {
	return [...leaves.values()].some((list) => redactor.ranges(join(list)).length > 0);
}

function join(leaves: readonly Leaf[]): string {
	return leaves.map(({ value }) => value).join("");
}

function leavesOf(items: readonly unknown[]): Map<string, Leaf[]> {
	const found = new Map<string, Leaf[]>();
	const walk = (holder: Leaf["holder"], path: string): void => {
		for (const [key, value] of Object.entries(holder)) {
			const index = Array.isArray(holder) ? Number(key) : key;
			if (typeof value === "string") {
				const place = `${path}/${key}`;
				const list = found.get(place);
				if (list) list.push({ holder, key: index, value });
				else found.set(place, [{ holder, key: index, value }]);
			} else if (typeof value === "object" && value !== null) {
				walk(value as Leaf["holder"], `${path}/${placeOf(key, value)}`);
			}
		}
	};
	for (const item of items) if (typeof item === "object" && item !== null) walk(item as Leaf["holder"], "");
	return found;
}

/** Parallel tool calls stand at the same position of their chunks and differ by their own index. */
function placeOf(key: string, value: object): string {
	return "index" in value && typeof value.index === "number" ? `${key}#${value.index}` : key;
}

/** The first piece of a secret is replaced, the pieces of it that follow are cut. */
function mask(leaves: readonly Leaf[], redactor: Redactor): void {
	const ranges = merged(redactor.ranges(join(leaves)));
	let offset = 0;
	for (const leaf of leaves) {
		const end = offset + leaf.value.length;
		let kept = leaf.value;
		// From the back, so that the positions before stay right.
		for (const [from, to] of ranges.filter((range) => range[0] < end && range[1] > offset).reverse()) {
			const head = kept.slice(0, Math.max(0, from - offset));
			kept = head + (from >= offset ? REDACTED : "") + kept.slice(Math.min(kept.length, to - offset));
		}
		if (kept !== leaf.value) (leaf.holder as Record<string | number, unknown>)[leaf.key] = kept;
		offset = end;
	}
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

/** The bytes of an event stream without secrets; the very bytes where there are none. */
export function redactStream(bytes: Buffer, redactor: Redactor): Buffer {
	const text = bytes.toString("utf8");
	const lines = text.split(/(\r\n|\n|\r)/);
	const data = lines.map((line) => (line.startsWith("data:") ? parse(line.slice(5)) : undefined));
	const kept = redactSequence(data, redactor);
	const rewritten = lines.map((line, index) => {
		const [before, after] = [data[index], kept[index]];
		if (before === undefined || kept === data) return line;
		const same = JSON.stringify(before) === JSON.stringify(after);
		return same ? line : `data: ${JSON.stringify(after)}`;
	});
	const result = redactor.text(rewritten.join(""));
	return result === text ? bytes : Buffer.from(result);
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined; // `[DONE]`, or a damaged frame: it is read as plain text
	}
}
