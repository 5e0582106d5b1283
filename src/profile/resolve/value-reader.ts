import { isObject } from "../../platform/json.ts";
import { type Environment, homeFolder, type Variables } from "../../platform/paths.ts";
import { holdSecret } from "../../platform/secrets.ts";
import { interpolate, missingIn, variablesIn } from "../documents/interpolate.ts";
import { readKeptKey } from "../keys/keep-key.ts";
import { describeKeyOrigin, type PeekedKey, type Secret } from "../keys/key-origin.ts";
import { type KeyReferences, keyVariables } from "../keys/key-reference.ts";
import { readStoredKeys } from "../keys/key-store.ts";
import { assertNoReference, peekKey, renewalOf, resolveKey } from "../keys/resolve-key.ts";
import type { QuirksInput } from "../model/quirks.ts";
import { isReasonedQuirk } from "../model/schema.ts";
import type { QuirkReason } from "../report.ts";
import type { Merged } from "../sources/layer.ts";

/** A key of a profile or a model, and how to read it again. */
export interface ReadKey {
	secret: Secret | PeekedKey | undefined;
	renewKey: (() => Promise<string | undefined>) | undefined;
}

/** Headers that carry a key. Another one may be an address, or any text. */
const SECRET_HEADER = /authorization|key|token|secret/i;

/**
 * Reads the values of one merged profile: fills in variables, separates quirks from their reasons, reads keys, collects
 * warnings. `tolerant` is for showing a profile: text with a missing variable stays as it is, keys are only peeked at.
 */
export class ValueReader {
	readonly profile: string;
	readonly tolerant: boolean;
	readonly warnings: string[] = [];
	/** Reasons of the quirks that were read, by dotted field name. */
	readonly reasons: Record<string, QuirkReason> = {};
	/** Names of the variables in headers. */
	readonly headerVariables = new Set<string>();
	readonly #merged: Merged;
	readonly #environment: Environment;

	constructor(merged: Merged, environment: Environment, tolerant: boolean) {
		this.profile = merged.name;
		this.tolerant = tolerant;
		this.#merged = merged;
		this.#environment = environment;
	}

	/** Whether all variables of a text are set. */
	isComplete(value: string): boolean {
		return missingIn(value, this.#variables).length === 0;
	}

	text(value: string, field: string): string {
		if (this.tolerant && !this.isComplete(value)) return value;
		return interpolate(value, this.#variables, { profile: this.profile, field });
	}

	/** Headers. A variable in them counts as a secret. */
	headers(values: Readonly<Record<string, string>>, field: string): Record<string, string> {
		const filled = Object.entries(values).map(([name, value]) => {
			for (const variable of variablesIn(value)) {
				this.headerVariables.add(variable);
				holdSecret(this.#variables[variable]);
			}
			const place = `${field}.${name}`;
			const filled = this.text(value, place);
			if (!this.tolerant && SECRET_HEADER.test(name))
				assertNoReference(filled, "the header", { profile: this.profile, field: place });
			return [name, filled];
		});
		return Object.fromEntries(filled);
	}

	/** Plain quirk values; their reasons are added to `reasons`. */
	quirks(values: object | undefined, field: string): QuirksInput {
		const plain: Record<string, unknown> = {};
		for (const [name, value] of Object.entries(values ?? {})) {
			const path = `${field}.${name}`;
			plain[name] = this.#filled(isReasonedQuirk(value) ? value.value : value, path);
			if (isReasonedQuirk(value)) this.reasons[path] = { why: value.why, source: value.source };
		}
		return plain;
	}

	/** Reads the key in a field. Undefined when it is not set. */
	async key(references: KeyReferences | undefined, field: string): Promise<ReadKey> {
		if (references === undefined) return { secret: undefined, renewKey: undefined };
		const { env, home } = this.#environment;
		const stored = () => readStoredKeys(this.#environment);
		if (this.tolerant) return { secret: peekKey(references, env, stored()), renewKey: undefined };
		const folder = this.#merged.givenBy.get(field)?.layer.folder ?? ".";
		const readKeychain = (name: string) => readKeptKey(name, this.#environment);
		const place = { profile: this.profile, field, variables: env, folder, home: home || homeFolder(env) };
		const read = async () => {
			const secret = await resolveKey(references, { ...place, stored, readKeychain });
			holdSecret(secret?.value);
			return secret;
		};
		const secret = await read();
		if (secret?.removed) this.warnings.push(`the key from ${describeKeyOrigin(secret.origin)} ${secret.removed}`);
		return { secret, renewKey: renewalOf(secret, read) };
	}

	/** Reads the keys of a list. One whose variable is not set is left out, with a warning. */
	async keys(references: readonly string[], field: string): Promise<ReadKey[]> {
		const read: ReadKey[] = [];
		for (const reference of references) {
			const key = await this.key(reference, field);
			if (key.secret) read.push(key);
			else this.warnings.push(`${field}: ${keyVariables(reference).join(", ")} is not set; the key is left out`);
		}
		return read;
	}

	get #variables(): Variables {
		return this.#environment.env;
	}

	#filled(value: unknown, field: string): unknown {
		if (typeof value === "string") return this.text(value, field);
		if (Array.isArray(value)) return value.map((item, index) => this.#filled(item, `${field}.${index}`));
		if (!isObject(value)) return value;
		const filled = Object.entries(value).map(([name, item]) => [name, this.#filled(item, `${field}.${name}`)]);
		return Object.fromEntries(filled);
	}
}
