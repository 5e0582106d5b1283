import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../../platform/json.ts";
import { packageRoot } from "../../platform/package-root.ts";
import { type FieldPath, fieldName, type SourceDocument } from "../documents/parse-source.ts";
import { validate } from "../documents/validate.ts";
import { ProfileFileSchema } from "../model/schema.ts";
import type { Layer } from "./layer.ts";

/** The folder of the built-in profiles: JSON that scripts/compile-profiles.mjs made from profiles/*.yaml. */
function builtinFolder(): string {
	return join(packageRoot(), "dist", "profiles");
}

/** Names of all built-in profiles, sorted. */
export function builtinNames(): string[] {
	return readdirSync(builtinFolder(), "utf8")
		.map((file) => file.slice(0, -".json".length))
		.sort();
}

/**
 * Whether there is a built-in profile of exactly this name. `existsSync` ignores the case on macOS and Windows, where the
 * user's config for `deepseek` would not apply to `DeepSeek`.
 */
export function hasBuiltin(name: string): boolean {
	return builtinNames().includes(name);
}

/** Reads one built-in profile, and no other file; undefined when there is none of that name. */
export async function readBuiltin(name: string): Promise<Layer | undefined> {
	if (!hasBuiltin(name)) return undefined;
	const source = `profiles/${name}.yaml`;
	const { document, nameOf } = readCompiled(fileOf(name), source);
	const values = validate(ProfileFileSchema, document);
	return { values, kind: "built-in", source, folder: builtinFolder(), document, nameOf };
}

function fileOf(name: string): string {
	return join(builtinFolder(), `${name}.json`);
}

function readCompiled(file: string, source: string): { document: SourceDocument; nameOf: Layer["nameOf"] } {
	// `lines` is JSON in JSON, the line of each field by its dotted name: most starts never need it.
	const { value, lines, catalogue } = JSON.parse(readFileSync(file, "utf8"));
	let known: unknown;
	const ownLineOf = (path: FieldPath): number | undefined => {
		known ??= JSON.parse(lines);
		const line = isObject(known) ? known[fieldName(path)] : undefined;
		return typeof line === "number" ? line : undefined;
	};
	const lineOf = (path: FieldPath): number | undefined =>
		ownLineOf(path) ?? (path.length === 0 ? undefined : lineOf(path.slice(0, -1)));
	// What has no line in the file was filled in from the catalogue.
	const nameOf = (path: FieldPath) =>
		path.includes("models") && ownLineOf(path) === undefined ? `catalogue ${catalogue}` : undefined;
	return { document: { file: source, text: "", value, lineOf }, nameOf };
}

/** Name of the built-in profile that has this alias. */
export function builtinWithAlias(alias: string): Promise<string | undefined> {
	return findBuiltin(alias, ({ values }) => values.aliases?.includes(alias) ?? false);
}

/**
 * Name of the built-in profile whose provider an address belongs to. A loopback address belongs to none: a port alone
 * does not tell which server listens there.
 */
export async function builtinNameForUrl(address: string): Promise<string | undefined> {
	const { host, hostname } = new URL(URL.canParse(address) ? address : "none:");
	if (host === "" || isLoopback(hostname)) return undefined;
	return findBuiltin(`//${host}`, (layer) => addressesOf(layer).some((known) => new URL(known).host === host));
}

function isLoopback(hostname: string): boolean {
	return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/**
 * The built-in profile of the provider that an address belongs to, so that a plain `--base-url` gets the provider's
 * quirks and models. Its name and aliases are removed.
 */
export async function builtinForUrl(address: string): Promise<Layer | undefined> {
	const found = await builtinNameForUrl(address);
	const layer = found === undefined ? undefined : await readBuiltin(found);
	if (!layer) return undefined;
	const { name: _name, aliases: _aliases, ...values } = layer.values;
	return { ...layer, values };
}

/** The addresses that a layer names, those of its regions too. */
export function addressesOf({ values }: Layer): string[] {
	const groups = [values.endpoints, ...Object.values(values.regions ?? {}).map((region) => region.endpoints)];
	const endpoints = groups.flatMap((group) => Object.values(group ?? {}));
	return endpoints.map((endpoint) => endpoint?.baseUrl ?? "").filter((text) => URL.canParse(text));
}

/** The first built-in profile that matches. Only files that contain `text` are parsed. */
async function findBuiltin(text: string, matches: (layer: Layer) => boolean): Promise<string | undefined> {
	for (const name of builtinNames()) {
		const layer = readFileSync(fileOf(name), "utf8").includes(text) ? await readBuiltin(name) : undefined;
		if (layer && matches(layer)) return name;
	}
	return undefined;
}
