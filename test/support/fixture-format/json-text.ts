import { isObject } from "../../../src/platform/json.ts";

/** Stands for a field that has not changed, so that the next field of the patch has its place. */
const SAME = "(same)";

/**
 * A JSON merge patch (RFC 7396) applied: fields of objects are replaced one by one, and null removes a field. The order of the
 * fields is kept: a new field follows the one before it in the patch, or else comes last.
 */
export function mergePatch(base: unknown, patch: unknown): unknown {
	if (patch === SAME) return base;
	if (!isObject(base) || !isObject(patch)) return patch;
	const merged = Object.entries(base).filter(([key]) => patch[key] !== null);
	let last = merged.length - 1;
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) continue;
		const index = merged.findIndex(([name]) => name === key);
		last = index < 0 ? last + 1 : index;
		if (index < 0) merged.splice(last, 0, [key, value]);
		else merged[last] = [key, mergePatch(base[key], value)];
	}
	return Object.fromEntries(merged);
}

/** The merge patch that makes `value` of `base`; undefined where none does exactly. */
export function patchBetween(base: unknown, value: unknown): unknown {
	const patch = changes(base, value);
	return JSON.stringify(mergePatch(base, patch)) === JSON.stringify(value) ? patch : undefined;
}

function changes(base: unknown, value: unknown): unknown {
	if (!isObject(base) || !isObject(value)) return value;
	const patch = new Map<string, unknown>();
	for (const key of Object.keys(base)) if (!(key in value)) patch.set(key, null);
	let last = Object.keys(base).findLast((key) => key in value);
	let previous: string | undefined;
	for (const [key, field] of Object.entries(value)) {
		const isNew = !(key in base);
		if (isNew && previous !== last && previous !== undefined) patch.set(previous, SAME);
		if (isNew || JSON.stringify(base[key]) !== JSON.stringify(field)) {
			patch.set(key, changes(base[key], field));
			last = key;
		}
		previous = key;
	}
	return Object.fromEntries(patch);
}
