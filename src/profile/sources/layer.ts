import { type FieldPath, fieldName, type SourceDocument } from "../documents/parse-source.ts";
import { TIERS } from "../model/profile.ts";
import type { ConfigFile, ProfileFile } from "../model/schema.ts";

/** Values of a profile from one place: a file, a part of a config file, the variables, or the flags. */
export interface Layer {
	values: ProfileFile;
	/** Where the values come from, for people: `built-in`, `user`, `project`, `variable`, `flag`. */
	kind: "catalogue" | "built-in" | "user" | "project" | "settings" | "variable" | "flag";
	/** The file, or the names of variables or flags. */
	source: string;
	/** Folder that relative paths in it start from. */
	folder: string;
	/** Where the values stand inside the file, for line numbers. */
	document?: SourceDocument | undefined;
	prefix?: FieldPath | undefined;
	/** Base URL that the values were asked from: they say nothing of another one. */
	askedFrom?: string | undefined;
	/** Fields that need trust here, although they do not elsewhere. */
	guarded?: readonly string[] | undefined;
	/** A short name for a value's source, where that is no file: `--model`. */
	nameOf?: ((path: FieldPath) => string | undefined) | undefined;
}

/** A profile put together from its layers, not yet interpolated. */
export interface Merged {
	name: string;
	values: ProfileFile;
	/** Which layer gave each value, by dotted field name. */
	givenBy: Map<string, { layer: Layer; path: FieldPath }>;
}

type Group = Record<string, unknown>;

/** Lays the layers over each other, the last one on top. Groups of fields are merged, all else is replaced whole. */
export function mergeLayers(name: string, layers: readonly Layer[]): Merged {
	const merged: Merged = { name, values: {}, givenBy: new Map() };
	for (const layer of layers) overlayLayer(merged, layer);
	return merged;
}

/** Lays one more layer on top. */
export function overlayLayer(merged: Merged, layer: Layer): void {
	overlay(merged, merged.values as Group, spread(layer), [], layer);
}

function overlay(merged: Merged, target: Group, values: Group, path: FieldPath, layer: Layer): void {
	for (const [field, value] of Object.entries(values)) {
		if (value === undefined) continue;
		const at = [...path, field];
		const old = target[field];
		if (isGroup(value) && isGroupPath(at)) {
			const group = isGroup(old) ? old : {};
			target[field] = group;
			overlay(merged, group, value, at, layer);
		} else {
			target[field] = value;
			merged.givenBy.set(fieldName(at), { layer, path: at });
		}
	}
}

/** Where a value comes from: `built-in profiles/kimi.yaml:12`, `flag --model`. Undefined: cc-any's own default. */
export function originOf(merged: Merged, field: string): string | undefined {
	const given = merged.givenBy.get(field);
	if (!given) return undefined;
	const { layer, path } = given;
	const own = layer.nameOf?.(path);
	if (own) return `${layer.kind} ${own}`;
	const model = path[0] === "tiers" ? layer.document?.lineOf([...(layer.prefix ?? []), "model"]) : undefined;
	const line = layer.document?.lineOf([...(layer.prefix ?? []), ...path]) ?? model;
	return `${layer.kind} ${layer.source}${line === undefined ? "" : `:${line}`}`;
}

/** All origins, by dotted field name. */
export function originsOf(merged: Merged): Record<string, string> {
	const fields = [...merged.givenBy.keys()];
	return Object.fromEntries(fields.map((field) => [field, originOf(merged, field) ?? ""]));
}

/**
 * Lays a region over its own profile. A dialect that the region does not name is not there in it: its address would
 * be another region's, and the key not valid there.
 */
export function overlayRegion(merged: Merged, name: string): void {
	const region = merged.values.regions?.[name];
	if (!region) return;
	const { title: _title, notes: _notes, ...values } = region;
	for (const dialect of Object.keys(region.endpoints ? (merged.values.endpoints ?? {}) : {})) {
		if (!(dialect in (region.endpoints ?? {}))) delete merged.values.endpoints?.[dialect as "anthropic"];
	}
	const layer: Layer = { values, kind: "built-in", source: `region ${name}`, folder: "." };
	const before = new Map(merged.givenBy);
	overlayLayer(merged, layer);
	for (const [field, given] of merged.givenBy) {
		const own = before.get(`regions.${name}.${field}`);
		if (given.layer === layer && own) merged.givenBy.set(field, own);
	}
}

/** The fields of a config file that belong to the profile it names. */
export function profileFields(config: ConfigFile): ProfileFile {
	const {
		profile: _profile,
		profiles: _profiles,
		modelOverrides: _overrides,
		checkReminder: _reminder,
		...fields
	} = config;
	return fields;
}

/** `model` stands for every tier that the same layer does not name. */
function spread(layer: Layer): Group {
	const { model, ...values } = layer.values;
	if (model === undefined) return values;
	return { ...values, tiers: { ...Object.fromEntries(TIERS.map((tier) => [tier, model])), ...values.tiers } };
}

function isGroup(value: unknown): value is Group {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Quirk values and `auth` are one value, although they may be objects. */
function isGroupPath(path: FieldPath): boolean {
	return path.at(-2) !== "quirks" && path.at(-1) !== "auth";
}
