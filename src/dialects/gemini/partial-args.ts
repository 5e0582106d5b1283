import { asObject } from "../../platform/json.ts";

type Container = Record<string | number, unknown>;

/**
 * The input of a call that comes in pieces, each the value at a JSON path or the next part of a text there. Source:
 * cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc.
 */
export class PartialArgs {
	readonly #root: Container = Object.create(null);

	/** Takes the `partialArgs` of a chunk. */
	add(pieces: unknown): void {
		for (const piece of Array.isArray(pieces) ? pieces : []) this.#set(asObject(piece));
	}

	get json(): string {
		return JSON.stringify(this.#root);
	}

	#set(piece: Record<string, unknown>): void {
		const path = pathOf(piece["jsonPath"]);
		const last = path.pop();
		if (last === undefined) return;
		let node = this.#root;
		for (const [index, key] of path.entries()) {
			const next = path[index + 1] ?? last;
			node[key] ??= typeof next === "number" ? [] : Object.create(null);
			node = asObject(node[key]);
		}
		const value = valueIn(piece);
		const before = node[last];
		node[last] = typeof before === "string" && typeof value === "string" ? before + value : value;
	}
}

/** The keys and positions of a path such as `$.edits[0].text` or `$['a b']`. */
function pathOf(path: unknown): (string | number)[] {
	if (typeof path !== "string") return [];
	const steps = path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g);
	return [...steps].map(([, name, position, quoted, doubled]) =>
		position !== undefined ? Number(position) : (name ?? quoted ?? doubled ?? ""),
	);
}

function valueIn({ stringValue, numberValue, boolValue }: Record<string, unknown>): unknown {
	return stringValue ?? numberValue ?? boolValue ?? null;
}
