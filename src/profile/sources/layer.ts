import { isObject } from "../../platform/json.ts";
import { type FieldPath, fieldName, type SourceDocument } from "../documents/parse-source.ts";
import { TIERS } from "../model/profile.ts";
import { DIALECTS } from "../model/quirks.ts";
import type { ConfigFile, ProfileFile } from "../model/schema.ts";

/** Values of a profile from one place: a file, a part of a config file, the variables, or the flags. */
export interface Layer {
	values: ProfileFile;
	/** What kind of place the values come from; shown before the source. */
	kind: "catalogue" | "built-in" | "user" | "project" | "settings" | "variable" | "flag";
	/** The file, or the names of variables or flags. */
	source: string;
	/** Folder that relative paths in it start from. */
	folder: string;
	/** The file and the path inside it, for line numbers. */
	document?: SourceDocument | undefined;
	prefix?: FieldPath | undefined;
	/** Base URL that the values were fetched from: they do not apply to another one. */
	askedFrom?: string | undefined;
	/** Fields that need trust in this layer, although they do not elsewhere. */
	guarded?: readonly string[] | undefined;
	/** A short name for a value's source, if that is not a file: `--model`. */
	nameOf?: ((path: FieldPath) => string | undefined) | undefined;
}

/** A profile merged from its layers; variables are not filled in yet. */
export interface Merged {
	name: string;
	values: ProfileFile;
	/** Which layer gave each value, by dotted field name. */
	givenBy: Map<string, { layer: Layer; path: FieldPath }>;
}

type Group = Record<string, unknown>;

/** Merges the layers, the last one on top. Groups of fields are merged, everything else is replaced whole. */
export function mergeLayers(name: string, layers: readonly Layer[]): Merged {
	const merged: Merged = { name, values: {}, givenBy: new Map() };
	for (const layer of layers) overlayLayer(merged, layer);
	return merged;
}

/** Merges one more layer on top. */
export function overlayLayer(merged: Merged, layer: Layer): void {
	// A key on top replaces the keys below it: a region's key, or that of --key-env.
	if (layer.values.key !== undefined) delete merged.values.keys;
	overlay(merged, merged.values, spread(layer), [], layer);
}

function overlay(merged: Merged, target: Group, values: Group, path: FieldPath, layer: Layer): void {
	for (const [field, value] of Object.entries(values)) {
		if (value === undefined) continue;
		const at = [...path, field];
		const old = target[field];
		if (isObject(value) && isGroupPath(at)) {
			const group = isObject(old) ? old : {};
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
 * Merges a region over its own profile. A dialect that the region does not name is removed: its address would be
 * another region's, where the key is not valid.
 */
export function overlayRegion(merged: Merged, name: string): void {
	const region = merged.values.regions?.[name];
	if (!region) return;
	const { title: _title, notes: _notes, ...values } = region;
	for (const dialect of region.endpoints ? DIALECTS : []) {
		if (!region.endpoints?.[dialect]) delete merged.values.endpoints?.[dialect];
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

/** `model` fills every tier that the same layer does not name. */
function spread(layer: Layer): Group {
	const { model, ...values } = layer.values;
	if (model === undefined) return values;
	return { ...values, tiers: { ...Object.fromEntries(TIERS.map((tier) => [tier, model])), ...values.tiers } };
}

/** Quirk values and `auth` are one value, although they may be objects. */
function isGroupPath(path: FieldPath): boolean {
	return path.at(-2) !== "quirks" && path.at(-1) !== "auth";
}
