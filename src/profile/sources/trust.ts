import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { isObject } from "../../platform/json.ts";
import { type Environment, stateFolder } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { hasReference } from "../documents/interpolate.ts";
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

/** The fields of a project file that are used only once the file is trusted. */
export function guardedFields(values: object): string[] {
	return collectGuarded(values, []);
}

/** Throws a `UserError` when a project's layer has guarded fields and its file, as it is now, is not trusted. */
export function assertTrusted(layer: Layer, environment: Environment): void {
	if (layer.kind !== "project") return;
	const fields = [...guardedFields(layer.values), ...(layer.guarded ?? [])];
	if (fields.length === 0 || isTrusted(layer.source, layer.document?.text ?? "", environment)) return;
	throw new UserError(`the project file ${layer.source} sets ${fields.join(", ")}, and the file is not trusted`, {
		hint: [
			`read the file, then run \`cc-any trust ${layer.source}\`;`,
			"or ignore project files with CC_ANY_IGNORE_PROJECT=1",
		].join(" "),
		exitCode: EXIT.config,
	});
}

/** Whether the user has trusted this file with this text, which was parsed and may have changed on disk since. */
function isTrusted(file: string, text: string, environment: Environment): boolean {
	const path = realpathSync(file);
	const trusted = readTrusted(environment);
	return Object.hasOwn(trusted, path) && trusted[path] === hashOf(text);
}

/** Records the file with its present content as trusted. Returns the real path that was recorded. */
export function trustFile(file: string, environment: Environment): string {
	const path = realpathSync(file);
	const trusted = { ...readTrusted(environment), [path]: hashOf(readFileSync(path, "utf8")) };
	writeFileAtomic(trustStore(environment), `${JSON.stringify(trusted, undefined, "\t")}\n`);
	return path;
}

function collectGuarded(values: unknown, path: FieldPath): string[] {
	if (isGuarded(path)) return [fieldName(path)];
	if (typeof values === "string") return hasReference(values) ? [fieldName(path)] : [];
	if (typeof values !== "object" || values === null) return [];
	return Object.entries(values).flatMap(([field, value]) => collectGuarded(value, [...path, field]));
}

function isGuarded(path: FieldPath): boolean {
	if (path.length === 1) return !FREE_FIELDS.has(String(path[0]));
	return path.length === 3 && path[0] === "models" && GUARDED_MODEL_FIELDS.has(String(path[2]));
}

function trustStore(environment: Environment): string {
	return join(stateFolder(environment), "trusted.json");
}

function hashOf(text: string): string {
	return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Hashes by path. A damaged store is an error: starting an empty one would silently forget what was trusted. */
function readTrusted(environment: Environment): Record<string, unknown> {
	const store = trustStore(environment);
	if (!existsSync(store)) return {};
	try {
		const value: unknown = JSON.parse(readFileSync(store, "utf8"));
		if (isObject(value)) return value;
		throw new Error("it is not a JSON object");
	} catch (error) {
		throw new UserError(`${store} is damaged: ${error instanceof Error ? error.message : String(error)}`, {
			hint: `remove it and trust your project files again: rm ${store}`,
			exitCode: EXIT.config,
		});
	}
}
