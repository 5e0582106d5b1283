import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { isObject, tryParseJson } from "../../platform/json.ts";
import { type Environment, stateFolder } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { variablesIn } from "../documents/interpolate.ts";
import { type FieldPath, fieldName } from "../documents/parse-source.ts";
import type { Layer } from "./layer.ts";

/**
 * Top-level fields that a project file may set without trust: they choose among what the user already has. Everything
 * else can send a key or the conversation somewhere, or run a command, and so can any text that reads a variable.
 */
const FREE_FIELDS = new Set([
	...["name", "title", "aliases", "status", "sources", "notes", "extends", "dialect", "region", "model", "tiers"],
	...["models", "disabledRepairs", "fallback", "also", "announceFallback", "limits", "patience", "unavailable"],
]);

/** Fields inside a model that need trust. */
const GUARDED_MODEL_FIELDS = new Set(["endpoint", "key", "quirks"]);

/** Fields of `limits` that need trust. */
const BUDGET_FIELDS = new Set(["dollars", "tokens", "perDay"]);

/** The fields of a project file that are used only once the file is trusted. */
export function guardedFields(values: object): string[] {
	return collectGuarded(values, []);
}

/** A project file sets what needs trust, and the user has not trusted it as it is now. */
export class UntrustedFile extends UserError {}

/** Throws `UntrustedFile` when a project's layer has guarded fields and its file, as it is now, is not trusted. */
export function assertTrusted(layer: Layer, environment: Environment): void {
	if (layer.kind !== "project") return;
	const fields = [...guardedFields(layer.values), ...(layer.guarded ?? [])];
	if (fields.length === 0) return;
	const { hashes, damage } = readTrusted(environment);
	const place = placeOf(layer.source);
	// The text that was parsed: the file may have changed on disk since.
	if (Object.hasOwn(hashes, place) && hashes[place] === hashOf(layer.document?.text ?? "")) return;
	const why = damage ? `nothing is trusted, because ${damage}` : "the file is not trusted";
	throw new UntrustedFile(`the project file ${layer.source} sets ${fields.join(", ")}, and ${why}`, {
		hint: [
			`read the file, then run \`cc-any trust ${layer.source}\`;`,
			"or ignore project files with CC_ANY_IGNORE_PROJECT=1",
		].join(" "),
		exitCode: EXIT.config,
	});
}

/**
 * Records the file with its present content as trusted, and returns the path that was recorded. A damaged store is
 * kept as `trusted.json.damaged`.
 */
export function trustFile(file: string, environment: Environment): string {
	const store = trustStore(environment);
	const { hashes, damage } = readTrusted(environment);
	if (damage) renameSync(store, `${store}.damaged`);
	const place = placeOf(file);
	const trusted = { ...hashes, [place]: hashOf(readFileSync(file, "utf8")) };
	writeFileAtomic(store, `${JSON.stringify(trusted, undefined, "\t")}\n`);
	return place;
}

/**
 * Where a file is. A link to a trusted file is another file: relative paths and commands in it start from its own
 * folder. `native`, because `c:\project` and `C:\Project` are the same folder on Windows, and `RUNNER~1` is a short name.
 */
function placeOf(file: string): string {
	return join(realpathSync.native(dirname(file)), basename(file));
}

function collectGuarded(values: unknown, path: FieldPath): string[] {
	if (isGuarded(path)) return [fieldName(path)];
	if (typeof values === "string") return variablesIn(values).length > 0 ? [fieldName(path)] : [];
	if (typeof values !== "object" || values === null) return [];
	return Object.entries(values).flatMap(([field, value]) => {
		const at = [...path, field];
		return variablesIn(field).length > 0 ? [fieldName(at)] : collectGuarded(value, at);
	});
}

function isGuarded(path: FieldPath): boolean {
	if (path.length === 1) return !FREE_FIELDS.has(String(path[0]));
	// A project must not raise what its user allows to be spent.
	if (path.length === 2 && path[0] === "limits") return BUDGET_FIELDS.has(String(path[1]));
	return path.length === 3 && path[0] === "models" && GUARDED_MODEL_FIELDS.has(String(path[2]));
}

function trustStore(environment: Environment): string {
	return join(stateFolder(environment), "trusted.json");
}

function hashOf(text: string): string {
	return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Hashes by path. Of a damaged store nothing is believed. */
function readTrusted(environment: Environment): { hashes: Record<string, unknown>; damage?: string } {
	const store = trustStore(environment);
	if (!existsSync(store)) return { hashes: {} };
	const hashes = tryParseJson(readFileSync(store, "utf8"));
	return isObject(hashes) ? { hashes } : { hashes: {}, damage: `${store} is damaged` };
}
