import { isObject } from "../../platform/json.ts";
import type { Json, JsonSchema } from "../../protocol/messages.ts";
import { parseDamagedJson } from "../damaged-json.ts";
import {
	hasType,
	itemsOf,
	optionsOf,
	propertiesOf,
	requiredOf,
	resolved,
	schemaTypes,
	violations,
} from "../json-schema.ts";
import { fitKeys } from "./fit-names.ts";
import { JSON_TEXT_KEYS } from "./known-cases.ts";

export interface Fitting {
	root: JsonSchema;
	/** Called with a description of each change. */
	changed: (what: string) => void;
}

/**
 * Converts a value to the type that its schema requires if the model can have meant only one thing. Otherwise the
 * value stays as it is, and Claude Code tells the model.
 */
export function fitValue(value: Json, given: JsonSchema | undefined, path: string, fitting: Fitting): Json {
	const schema = resolved(given, fitting.root);
	const options = optionsOf(schema);
	if (options.length > 0) return fitOption(value, options, path, fitting);
	const types = schemaTypes(schema);
	const converted = hasType(value, types) ? value : convert(value, schema, path, fitting.root);
	if (converted !== value) fitting.changed(`${path || "input"}: ${shown(value)} to ${[...types].join(" or ")}`);
	if (Array.isArray(converted)) {
		const items = itemsOf(schema);
		if (!items) return converted;
		return converted.map((item, index) => fitValue(item, items, `${path}[${index}]`, fitting));
	}
	if (isObject(converted)) return fitObject(converted, schema, path, fitting);
	return fitEnum(converted, schema, path, fitting);
}

/** Converts the value to the only branch that it can fit, unless it fits one already. */
function fitOption(value: Json, options: readonly JsonSchema[], path: string, fitting: Fitting): Json {
	const { root } = fitting;
	if (options.some((option) => violations(value, option, root).length === 0)) return value;
	const fitted = options.map((option) => {
		const changes: string[] = [];
		const result = fitValue(value, option, path, { root, changed: (what) => changes.push(what) });
		return { result, changes, fits: violations(result, option, root).length === 0 };
	});
	const [only, ...others] = fitted.filter(({ fits }) => fits);
	if (!only || others.some(({ result }) => JSON.stringify(result) !== JSON.stringify(only.result))) return value;
	for (const change of only.changes) fitting.changed(change);
	return only.result;
}

function fitObject(value: { [key: string]: Json }, schema: JsonSchema, path: string, fitting: Fitting): Json {
	const pathOf = (key: string) => (path === "" ? key : `${path}.${key}`);
	const named = fitKeys(value, schema, (what) => fitting.changed(path === "" ? what : `${path}: ${what}`));
	const properties = propertiesOf(schema);
	const required = requiredOf(schema);
	const entries = Object.entries(named).flatMap(([key, entry]): [string, Json][] => {
		const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
		if (!property) return [[key, entry]];
		if (!required.includes(key) && isNothing(entry, resolved(property, fitting.root))) {
			fitting.changed(`${pathOf(key)}: ${shown(entry)} left out`);
			return [];
		}
		return [[key, fitValue(entry, property, pathOf(key), fitting)]];
	});
	const isSame = entries.length === Object.keys(value).length && entries.every(([key, entry]) => value[key] === entry);
	return isSame ? value : Object.fromEntries(entries);
}

/** Models write null, or an empty text if none is allowed, to omit an optional parameter. */
function isNothing(value: Json, schema: JsonSchema): boolean {
	const types = schemaTypes(schema);
	if (value === null) return types.size > 0 && !types.has("null");
	if (value !== "" || types.size === 0) return false;
	if (!types.has("string")) return true;
	if (Array.isArray(schema["enum"])) return !schema["enum"].includes("");
	return (
		typeof schema["pattern"] === "string" || typeof schema["format"] === "string" || Number(schema["minLength"]) > 0
	);
}

function convert(value: Json, schema: JsonSchema, path: string, root: JsonSchema): Json {
	const types = schemaTypes(schema);
	if (typeof value === "string") {
		const read = fromText(value.trim(), types);
		if (read !== undefined) return read;
	}
	if (types.has("array") && !Array.isArray(value)) {
		const items = itemsOf(schema) ?? {};
		return value !== null && violations(value, items, root).length === 0 ? [value] : value;
	}
	const isText = types.has("string") && [...types].every((type) => type === "string" || type === "null");
	if (!isText || value === null) return value;
	if (typeof value !== "object") return String(value);
	return JSON_TEXT_KEYS.some((key) => path === key || path.endsWith(`.${key}`))
		? JSON.stringify(value, null, 2)
		: value;
}

/** A number, a boolean or JSON that was sent as text; undefined when the schema does not allow it. */
function fromText(text: string, types: ReadonlySet<string>): Json | undefined {
	if (/^(true|false)$/i.test(text) && types.has("boolean")) return text.toLowerCase() === "true";
	if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text)) {
		const number = Number(text);
		return hasType(number, types) && Number.isFinite(number) ? number : undefined;
	}
	if (/^(null|none)$/i.test(text) && types.has("null")) return null;
	if (!/^[[{]/.test(text)) return undefined;
	const parsed = parseDamagedJson(text);
	return parsed !== undefined && hasType(parsed, types) ? parsed : undefined;
}

/** Corrects the case of an enum value if only one matches. */
function fitEnum(value: Json, schema: JsonSchema, path: string, fitting: Fitting): Json {
	const allowed = schema["enum"];
	if (typeof value !== "string" || !Array.isArray(allowed) || allowed.includes(value)) return value;
	const matches = allowed.filter(
		(option) => typeof option === "string" && option.toLowerCase() === value.trim().toLowerCase(),
	);
	if (matches.length !== 1) return value;
	fitting.changed(`${path}: ${shown(value)} to ${matches[0]}`);
	return matches[0] ?? value;
}

function shown(value: Json): string {
	const text = JSON.stringify(value);
	return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
