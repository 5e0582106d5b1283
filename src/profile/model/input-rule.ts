import type { InputRule } from "./target.ts";

/** A repair of a profile in one line: `Read: pages "" is removed`. */
export function describeInputRule({ tool, field, value, action, to, why }: InputRule): string {
	const seen = value === undefined ? field : `${field} ${JSON.stringify(value)}`;
	const done = { remove: "is removed", set: `is set to ${JSON.stringify(to)}`, rename: `is renamed to ${to}` }[action];
	return `${tool}: ${seen} ${done}${why === undefined ? "" : ` (${why})`}`;
}
