import type { Variables } from "../../platform/paths.ts";
import { userShell } from "../../platform/shell.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";

/** Where a string comes from, for the error about a missing variable. */
export interface StringPlace {
	profile: string;
	field: string;
}

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]{0,200})(?::-([^}]{0,2000}))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}`; `$$` becomes `$`. As in a shell, an empty variable counts as missing if
 * there is a default; here also if there is none, because an empty key or address is always a mistake.
 *
 * Throws a `UserError` that names profile, field and variable when one without default is missing.
 */
export function interpolate(text: string, variables: Variables, place: StringPlace): string {
	return text.replaceAll(REFERENCE, (whole, name: string | undefined, fallback: string | undefined) => {
		if (whole === "$$" || name === undefined) return "$";
		const value = variables[name] || fallback;
		if (value === undefined) throw missingVariables([name], place);
		return value;
	});
}

/** Names of the variables that `interpolate` would miss. */
export function missingIn(text: string, variables: Variables): string[] {
	const missing = new Set<string>();
	for (const [, name, fallback] of text.matchAll(REFERENCE)) {
		if (name !== undefined && fallback === undefined && !variables[name]) missing.add(name);
	}
	return [...missing];
}

/** Names of the variables that the text reads. */
export function variablesIn(text: string): string[] {
	return [...text.matchAll(REFERENCE)].flatMap(([, name]) => name ?? []);
}

/** The error for variables that are not set, any one of which would be enough. */
export function missingVariables(names: readonly string[], place: StringPlace): UserError {
	const list = names.join(" or ");
	return new UserError(`profile ${place.profile}: ${place.field} needs the variable ${list}, which is not set`, {
		hint: userShell.set(names[0] ?? "", "..."),
		exitCode: EXIT.config,
	});
}
