import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../platform/package-root.ts";
import { type FieldPath, fieldName, parseSource, type SourceDocument } from "../documents/parse-source.ts";
import { validate } from "../documents/validate.ts";
import { ProfileFileSchema } from "../model/schema.ts";
import type { Layer } from "./layer.ts";

/** The folder of the built-in profiles. */
export function builtinFolder(): string {
	return join(packageRoot(), "profiles");
}

/** Names of all built-in profiles, sorted. */
export async function builtinNames(): Promise<string[]> {
	const files = readdirSync(builtinFolder());
	return files
		.filter((file) => file.endsWith(".yaml"))
		.map((file) => file.slice(0, -".yaml".length))
		.sort();
}

/** Whether there is a built-in profile of this name. A name is never a path. */
export function hasBuiltin(name: string): boolean {
	return /^[a-z0-9][a-z0-9._-]*$/i.test(name) && existsSync(join(builtinFolder(), `${name}.yaml`));
}

/** Reads one built-in profile; undefined when there is none of that name. Reads no other file. */
export async function readBuiltin(name: string): Promise<Layer | undefined> {
	if (!hasBuiltin(name)) return undefined;
	const file = join(builtinFolder(), `${name}.yaml`);
	const document = (await readCompiled(name, file)) ?? (await parseSource(readFileSync(file, "utf8"), file));
	const values = validate(ProfileFileSchema, document);
	return { values, kind: "built-in", source: `profiles/${name}.yaml`, folder: builtinFolder(), document };
}

/** The parsed form that the build made of a built-in profile; undefined without one, or when the file is newer. */
async function readCompiled(name: string, file: string): Promise<SourceDocument | undefined> {
	const compiled = join(packageRoot(), "dist", "profiles", `${name}.json`);
	if (!existsSync(compiled) || statSync(compiled).mtimeMs < statSync(file).mtimeMs) return undefined;
	const { value, lines } = JSON.parse(readFileSync(compiled, "utf8")) as Compiled;
	let known: Record<string, number> | undefined;
	const lineOf = (path: FieldPath): number | undefined => {
		known ??= JSON.parse(lines) as Record<string, number>;
		return path.length === 0 ? undefined : (known[fieldName(path)] ?? lineOf(path.slice(0, -1)));
	};
	return { file, text: "", value, lineOf };
}

interface Compiled {
	value: unknown;
	/** Line of each field, by dotted name, as JSON. */
	lines: string;
}

/** The built-in profile that has this alias. Only files that mention the word are parsed. */
export async function builtinWithAlias(alias: string): Promise<Layer | undefined> {
	return firstBuiltin(
		(text) => text.includes(alias),
		(layer) => layer.values.aliases?.includes(alias) ?? false,
	);
}

/**
 * The built-in profile whose provider an address belongs to, so that a bare `--base-url` still gets the provider's
 * quirks and models. Its name is left out. Loopback addresses belong to none: a port says too little.
 */
export async function builtinForUrl(address: string): Promise<Layer | undefined> {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	if (!url?.host || /^(?:localhost|127\.|\[::1\])/.test(url.host)) return undefined;
	const layer = await firstBuiltin(
		(text) => text.includes(`//${url.host}`),
		(candidate) => addressesOf(candidate).some((known) => new URL(known).host === url.host),
	);
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

async function firstBuiltin(mentions: (text: string) => boolean, matches: (layer: Layer) => boolean) {
	for (const name of await builtinNames()) {
		const text = readFileSync(join(builtinFolder(), `${name}.yaml`), "utf8");
		const layer = mentions(text) ? await readBuiltin(name) : undefined;
		if (layer && matches(layer)) return layer;
	}
	return undefined;
}
