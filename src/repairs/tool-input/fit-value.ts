import type { Json, JsonSchema } from "../../protocol/messages.ts";
import { parseDamagedJson } from "../damaged-json.ts";
import {
	hasType,
	isObject,
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
	/** Tells what was changed. */
	changed: (what: string) => void;
}

/**
 * Brings a value into the form its schema asks for, where there is one way to read what the model meant. What cannot
 * be read stays as it is: Claude Code then tells the model.
 */
export function fitValue(value: Json, given: JsonSchema | undefined, path: string, fitting: Fitting): Json {
	const schema = resolved(given, fitting.root);
	const options = optionsOf(schema);
	if (options.length > 0) return fitOption(value, options, path, fitting);
	const types = schemaTypes(schema);
	const converted = hasType(value, types) ? value : convert(value, schema, path, fitting.root);
	if (converted !== value) fitting.changed(`${path || "input"}: ${shown(value)} to ${[...types].join(" or ")}`);
	if (Array.isArray(converted)) {
		const items = schema["items"] as JsonSchema | undefined;
		if (!items) return converted;
		return converted.map((item, index) => fitValue(item, items, `${path}[${index}]`, fitting));
	}
	if (isObject(converted)) return fitObject(converted, schema, path, fitting);
	return fitEnum(converted, schema, path, fitting);
}

/** The one branch into which the value can be brought, if it does not fit any as it is. */
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
	const place = (key: string) => (path === "" ? key : `${path}.${key}`);
	const named = fitKeys(value, schema, (what) => fitting.changed(path === "" ? what : `${path}: ${what}`));
	const properties = propertiesOf(schema);
	const required = requiredOf(schema);
	const entries = Object.entries(named).flatMap(([key, entry]): [string, Json][] => {
		const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
		if (!property) return [[key, entry]];
		if (!required.includes(key) && isNothing(entry, resolved(property, fitting.root))) {
			fitting.changed(`${place(key)}: ${shown(entry)} left out`);
			return [];
		}
		return [[key, fitValue(entry, property, place(key), fitting)]];
	});
	const isSame = entries.length === Object.keys(value).length && entries.every(([key, entry]) => value[key] === entry);
	return isSame ? value : Object.fromEntries(entries);
}

/** How models say that they leave an optional parameter out: null, or an empty text where none can be meant. */
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
		const items = (schema["items"] as JsonSchema | undefined) ?? {};
		return value !== null && violations(value, items, root).length === 0 ? [value] : value;
	}
	const isText = types.has("string") && [...types].every((type) => type === "string" || type === "null");
	if (!isText || value === null) return value;
	if (typeof value !== "object") return String(value);
	return JSON_TEXT_KEYS.some((key) => path === key || path.endsWith(`.${key}`))
		? JSON.stringify(value, null, 2)
		: value;
}

/** A number, a truth value or JSON that was given as text; undefined when it is none that the schema takes. */
function fromText(text: string, types: ReadonlySet<string>): Json | undefined {
	if (/^(true|false)$/i.test(text) && types.has("boolean")) return text.toLowerCase() === "true";
	if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text)) {
		const number = Number(text);
		return hasType(number, types) && Number.isFinite(number) ? number : undefined;
	}
	if (/^(null|none)$/i.test(text) && types.has("null")) return null;
	if (!/^[[{]/.test(text)) return undefined;
	const parsed = parseDamagedJson(text) as Json | undefined;
	return parsed !== undefined && hasType(parsed, types) ? parsed : undefined;
}

/** An enum value in another case, where only one can be meant. */
function fitEnum(value: Json, schema: JsonSchema, path: string, fitting: Fitting): Json {
	const allowed = schema["enum"];
	if (typeof value !== "string" || !Array.isArray(allowed) || allowed.includes(value)) return value;
	const matches = allowed.filter((one) => typeof one === "string" && one.toLowerCase() === value.trim().toLowerCase());
	if (matches.length !== 1) return value;
	fitting.changed(`${path}: ${shown(value)} to ${matches[0]}`);
	return matches[0] as Json;
}

function shown(value: Json): string {
	const text = JSON.stringify(value);
	return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
