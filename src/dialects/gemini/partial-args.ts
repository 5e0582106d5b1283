import { asObject } from "../../platform/json.ts";

type Step = string | number;
type Container = Record<Step, unknown>;

/** An object or a list in the written text that is still open. */
interface OpenContainer {
	isList: boolean;
	/** The key or position that was written last; undefined while it is empty. */
	last: Step | undefined;
}

/**
 * The input of a call that comes in pieces, each the value at a JSON path or the next part of a text there. Its JSON is
 * written as the pieces come. Source:
 * cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc.
 */
export class PartialArgs {
	readonly #root: Container = Object.create(null);
	/** The JSON that was returned so far. */
	#written = "";
	/** The JSON that is returned next. A part cut out of `#written` would copy all of it with every piece. */
	#added = "";
	/** The containers that are open in it, from the outside. */
	#open: OpenContainer[] = [];
	/** A text is open in it, at `last` of the innermost container. */
	#inText = false;

	/** Takes the `partialArgs` of a chunk. Returns the JSON that they add. */
	add(pieces: unknown): string {
		for (const piece of Array.isArray(pieces) ? pieces : []) this.#take(asObject(piece));
		return this.#release();
	}

	/** Returns the JSON that completes the input. */
	end(): string {
		if (this.#open.length === 0) this.#enter(false);
		this.#closeTo(1);
		this.#rewrite();
		this.#closeTo(0);
		return this.#release();
	}

	#release(): string {
		const added = this.#added;
		this.#written += added;
		this.#added = "";
		return added;
	}

	#take(piece: Container): void {
		const path = pathOf(piece["jsonPath"]);
		const key = path.pop();
		if (key === undefined) return;
		const value = valueIn(piece);
		if (value === undefined) return;
		const node = this.#nodeAt(path, key);
		const before = node[key];
		const isMore = typeof before === "string" && typeof value === "string";
		node[key] = isMore ? before + value : value;
		if (isMore && this.#inText && this.#isAt(path, key)) this.#added += escaped(value);
		else if (before === undefined) this.#write(path, key, value);
	}

	/** The container at a path in the input so far; it is created if it is missing. */
	#nodeAt(path: readonly Step[], key: Step): Container {
		let node = this.#root;
		for (const [index, step] of path.entries()) {
			const next = path[index + 1] ?? key;
			if (typeof node[step] !== "object") node[step] = typeof next === "number" ? [] : Object.create(null);
			node = asObject(node[step]);
		}
		return node;
	}

	#isAt(path: readonly Step[], key: Step): boolean {
		const steps = [...path, key];
		return steps.length === this.#open.length && steps.every((step, depth) => step === this.#open[depth]?.last);
	}

	/** Writes a new value, if the container that it belongs to can still be written to. */
	#write(path: readonly Step[], key: Step, value: unknown): void {
		if (this.#open.length === 0) this.#enter(false);
		const shared = path.findIndex((step, depth) => step !== this.#open[depth]?.last || !this.#open[depth + 1]);
		const depth = shared === -1 ? path.length : shared;
		this.#closeTo(depth + 1);
		const steps = [...path.slice(depth), key];
		for (const [index, step] of steps.entries()) {
			const next = steps[index + 1];
			if (!this.#startValue(step)) return;
			if (next !== undefined) this.#enter(typeof next === "number");
		}
		this.#inText = typeof value === "string";
		this.#added += this.#inText ? `"${escaped(String(value))}` : JSON.stringify(value);
	}

	/** Writes what is before the value at a step. False if the container has a later position already. */
	#startValue(step: Step): boolean {
		const container = this.#open.at(-1);
		if (!container) return false;
		if (container.isList && step !== (container.last === undefined ? 0 : Number(container.last) + 1)) return false;
		if (container.last !== undefined) this.#added += ",";
		if (!container.isList) this.#added += `${JSON.stringify(step)}:`;
		container.last = step;
		return true;
	}

	#enter(isList: boolean): void {
		this.#open.push({ isList, last: undefined });
		this.#added += isList ? "[" : "{";
	}

	/** Closes the open text, and containers until `count` are open. */
	#closeTo(count: number): void {
		if (this.#inText) this.#added += '"';
		this.#inText = false;
		while (this.#open.length > count) this.#added += this.#open.pop()?.isList ? "]" : "}";
	}

	/**
	 * Writes the arguments once more whose pieces came in an order that could not be written as it came: of two values of
	 * one name the last counts.
	 */
	#rewrite(): void {
		const written = asObject(JSON.parse(`${this.#written}${this.#added}}`));
		for (const [name, value] of Object.entries(this.#root)) {
			const json = JSON.stringify(value);
			if (JSON.stringify(written[name]) === json) continue;
			this.#startValue(name);
			this.#added += json;
		}
	}
}

/** A text as it is inside a JSON text. */
function escaped(text: string): string {
	return JSON.stringify(text).slice(1, -1);
}

/** The keys and positions of a path such as `$.edits[0].text` or `$['a b']`. Source: RFC 9535, normalized paths. */
function pathOf(path: unknown): Step[] {
	if (typeof path !== "string") return [];
	const steps = path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/g);
	return [...steps].map(([, name, position, quoted, doubled]) =>
		position !== undefined ? Number(position) : (name ?? (quoted ?? doubled ?? "").replaceAll(/\\(.)/g, "$1")),
	);
}

/** Undefined for a piece that only announces more. */
function valueIn(piece: Container): unknown {
	const { stringValue, numberValue, boolValue } = piece;
	return stringValue ?? numberValue ?? boolValue ?? ("nullValue" in piece ? null : undefined);
}
