import { homedir } from "node:os";
import type { Environment, Variables } from "../../platform/paths.ts";
import { interpolate, missingIn } from "../documents/interpolate.ts";
import { readKeptKey } from "../keys/keep-key.ts";
import { readStoredKeys, type StoredKeys } from "../keys/key-store.ts";
import type { SecretContext } from "../keys/secret.ts";
import type { QuirkReason } from "../model/profile.ts";
import type { QuirksInput } from "../model/quirks.ts";
import { isReasonedQuirk } from "../model/schema.ts";
import type { Merged } from "../sources/layer.ts";

/** Reads values of one merged profile: fills in variables, parts quirks from their reasons, collects warnings. */
export interface Reader {
	readonly profile: string;
	readonly tolerant: boolean;
	readonly variables: Variables;
	readonly warnings: string[];
	readonly reasons: Record<string, QuirkReason>;
	/** Fills in variables; when tolerant, leaves text with a missing one as it is. */
	text(value: string, field: string): string;
	texts(values: Readonly<Record<string, string>>, field: string): Record<string, string>;
	/** Plain quirk values; their reasons are kept in `reasons`. */
	quirks(values: object | undefined, field: string): QuirksInput;
	/** Whether all variables of a text are set. */
	complete(value: string): boolean;
	secretContext(field: string): SecretContext;
	/** Keys of `cc-any keys set`; read when a variable is missing. */
	stored(): StoredKeys;
}

export function readerOf(merged: Merged, { env, home }: Environment, tolerant: boolean): Reader {
	const { name: profile } = merged;
	const reasons: Record<string, QuirkReason> = {};
	const stored = () => readStoredKeys({ env, home });
	const complete = (value: string) => missingIn(value, env).length === 0;
	const text = (value: string, field: string) => {
		return tolerant && !complete(value) ? value : interpolate(value, env, { profile, field });
	};
	const deep = (value: unknown, field: string): unknown => {
		if (typeof value === "string") return text(value, field);
		if (Array.isArray(value)) return value.map((item, index) => deep(item, `${field}.${index}`));
		if (typeof value !== "object" || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item, `${field}.${key}`)]));
	};
	const quirks = (values: object | undefined, field: string): QuirksInput => {
		const plain: Record<string, unknown> = {};
		for (const [name, value] of Object.entries(values ?? {})) {
			const at = `${field}.${name}`;
			plain[name] = deep(isReasonedQuirk(value) ? value.value : value, at);
			if (isReasonedQuirk(value)) reasons[at] = { why: value.why, source: value.source };
		}
		return plain as QuirksInput;
	};
	return {
		profile,
		tolerant,
		variables: env,
		warnings: [],
		reasons,
		text,
		texts: (values, field) => deep(values, field) as Record<string, string>,
		quirks,
		complete,
		stored,
		secretContext: (field) => {
			const folder = merged.givenBy.get(field)?.layer.folder ?? ".";
			const readKept = (key: string) => readKeptKey(key, { env, home });
			return { profile, field, variables: env, folder, stored, readKept, home: home || homedir() };
		},
	};
}
