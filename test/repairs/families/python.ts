import type { Meant } from "./family.ts";

/** A call as Python writes it. */
export function pythonCall([name, input]: Meant): string {
	return `${name}(${Object.entries(input)
		.map(([key, value]) => `${key}=${literal(value)}`)
		.join(", ")})`;
}

function literal(value: unknown): string {
	if (value === null) return "None";
	if (typeof value === "boolean") return value ? "True" : "False";
	if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
	if (typeof value !== "object") return JSON.stringify(value);
	return `{${Object.entries(value)
		.map(([key, entry]) => `${JSON.stringify(key)}: ${literal(entry)}`)
		.join(", ")}}`;
}
