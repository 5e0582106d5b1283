import { missingIn } from "../documents/interpolate.ts";

/** A profile's `key`: one reference, or alternatives in order of precedence. */
export type KeyReferences = string | readonly string[];

/** One reference: `env:NAME`, `file:PATH`, `command:CMD ARGS`, or text, which is the key itself or holds `${NAME}`. */
export interface KeyReference {
	scheme: "env" | "file" | "command" | "text";
	/** What follows the scheme. */
	rest: string;
}

export function parseReference(reference: string): KeyReference {
	const [, scheme, rest = ""] = /^(env|file|command):(.*)$/s.exec(reference) ?? [];
	if (scheme === "env" || scheme === "file" || scheme === "command") return { scheme, rest: rest.trim() };
	return { scheme: "text", rest: reference };
}

export function alternativesOf(references: KeyReferences | undefined): readonly string[] {
	return typeof references === "string" ? [references] : (references ?? []);
}

/** Names of the variables that a key reference reads, whether set or not. */
export function keyVariables(references: KeyReferences | undefined): string[] {
	return alternativesOf(references).flatMap((reference) => {
		const { scheme, rest } = parseReference(reference);
		return scheme === "env" ? [rest] : missingIn(reference, {});
	});
}

/** Splits a command line at white space; quotes hold an argument together, nothing else is special. */
export function splitArgs(commandLine: string): string[] {
	const args: string[] = [];
	for (const [, double, single, bare] of commandLine.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
		args.push(double ?? single ?? bare ?? "");
	}
	return args;
}
