import * as v from "valibot";

export const text = v.pipe(v.string(), v.nonEmpty("must not be empty"));

const tokens = v.pipe(v.number(), v.integer("must be a whole number"), v.minValue(1, "must be at least 1"));

/** A model for requests of more than a number of tokens, and one for requests with images. */
export const routes = v.strictObject({
	longContext: v.optional(v.strictObject({ over: tokens, model: text })),
	images: v.optional(text),
});

/** One repair of one field of a tool's input. */
export const inputRule = v.pipe(
	v.strictObject({
		tool: text,
		field: text,
		value: v.optional(v.unknown()),
		action: v.picklist(["remove", "set", "rename"]),
		to: v.optional(v.unknown()),
		why: v.optional(text),
	}),
	v.check(({ action, to }) => action !== "remove" || to === undefined, "must have no `to` with the action remove"),
	v.check(
		({ action, to }) => action !== "set" || to !== undefined,
		"must have the new value as `to` with the action set",
	),
	v.check(
		({ action, to }) => action !== "rename" || (typeof to === "string" && to !== ""),
		"must have the new name as `to` with the action rename",
	),
);
