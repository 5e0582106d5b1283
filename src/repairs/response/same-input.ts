import { tryParseJson } from "../../platform/json.ts";

/** Whether two JSON texts are the same input: whatever the order of the keys, and `5` the same as `"5"`. */
export function sameInput(a: string, b: string): boolean {
	const [left, right] = [tryParseJson(a === "" ? "{}" : a), tryParseJson(b === "" ? "{}" : b)];
	return left !== undefined && right !== undefined && canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, part) => {
		if (typeof part === "number" || typeof part === "boolean") return String(part);
		if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
		return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
	});
}
