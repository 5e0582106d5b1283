import * as v from "valibot";
import { asObject, isObject, type JsonObject } from "../platform/json.ts";
import type { MessageRequest } from "../protocol/messages.ts";
import { RequestError } from "./read-request.ts";

/**
 * The shape of a Messages API request that the pipeline relies on. Fields, block types and source types that are not
 * listed pass as they are: Claude Code adds some with every other version.
 */

const text = v.string("must be a string");
const number = v.pipe(v.number("must be a number"), v.finite("must be a finite number"));
const boolean = v.boolean("must be true or false");
const object = v.custom<JsonObject>(isObject, "must be an object");

/** An object whose listed fields have the given shapes. */
function fields<Entries extends v.ObjectEntries>(entries: Entries) {
	return v.pipe(object, v.looseObject(entries, "is required"));
}

function list<Item extends v.GenericSchema>(item: Item) {
	return v.array(item, "must be an array");
}

/** The schema of an object by its `type`; objects of another type need no more than that. */
function byType(schemas: ReadonlyMap<unknown, v.GenericSchema>): v.GenericSchema {
	const other = fields({ type: text });
	return v.lazy((value) => schemas.get(asObject(value)["type"]) ?? other);
}

/** A text, or a list of items. */
function textOr(items: v.GenericSchema): v.GenericSchema {
	return v.lazy((value) => (Array.isArray(value) ? items : v.string("must be a string or an array")));
}

const cacheControl = { cache_control: v.nullish(fields({ type: text })) };

/** Blocks hold other blocks. */
const BLOCK: v.GenericSchema = v.lazy(() => BLOCKS);

const SOURCES = byType(
	new Map<string, v.GenericSchema>([
		["base64", fields({ media_type: text, data: text })],
		["text", fields({ media_type: text, data: text })],
		["url", fields({ url: text })],
		["file", fields({ file_id: text })],
		["content", fields({ content: textOr(list(BLOCK)) })],
	]),
);

const BLOCKS: v.GenericSchema = byType(
	new Map<string, v.GenericSchema>([
		["text", fields({ ...cacheControl, text })],
		["image", fields({ ...cacheControl, source: SOURCES })],
		["document", fields({ ...cacheControl, source: SOURCES, title: v.nullish(text), context: v.nullish(text) })],
		["thinking", fields({ thinking: text, signature: v.nullish(text) })],
		["redacted_thinking", fields({ data: text })],
		["tool_use", fields({ ...cacheControl, id: text, name: text })],
		["server_tool_use", fields({ ...cacheControl, id: text, name: text })],
		[
			"tool_result",
			fields({
				...cacheControl,
				tool_use_id: text,
				content: v.optional(textOr(list(BLOCK))),
				is_error: v.nullish(boolean),
			}),
		],
		["web_search_tool_result", fields({ ...cacheControl, tool_use_id: text })],
		["tool_reference", fields({ ...cacheControl, tool_name: text })],
		[
			"search_result",
			fields({
				...cacheControl,
				title: v.nullish(text),
				source: v.nullish(text),
				content: v.nullish(list(BLOCK)),
			}),
		],
	]),
);

const tool = fields({
	...cacheControl,
	name: text,
	type: v.nullish(text),
	description: v.nullish(text),
	input_schema: v.nullish(object),
});

const RequestSchema = fields({
	model: text,
	messages: list(fields({ role: text, content: textOr(list(BLOCK)) })),
	system: v.nullish(textOr(list(fields({ ...cacheControl, type: text, text })))),
	tools: v.nullish(list(tool)),
	tool_choice: v.nullish(byType(new Map([["tool", fields({ name: text })]]))),
	max_tokens: v.nullish(number),
	stop_sequences: v.nullish(list(text)),
	stream: v.nullish(boolean),
	temperature: v.nullish(number),
	top_p: v.nullish(number),
	top_k: v.nullish(number),
	thinking: v.nullish(byType(new Map([["enabled", fields({ budget_tokens: number })]]))),
	output_config: v.nullish(fields({ effort: v.nullish(text), format: v.nullish(fields({ type: text })) })),
	metadata: v.nullish(fields({ user_id: v.nullish(text) })),
});

/** Deeper values overflow the stack of functions that walk them; Claude Code's own requests have some 20 levels. */
const MAX_DEPTH = 500;

/** Checks the shape of a request. Throws a `RequestError` that names the path of the first fault. */
export function parseRequest(body: JsonObject): MessageRequest {
	const { success, issues } = v.safeParse(RequestSchema, body, { abortEarly: true });
	if (!success) {
		const [issue] = issues;
		const path = v.getDotPath(issue) ?? "request";
		throw new RequestError(400, "invalid_request_error", `${path}: ${issue.message}`);
	}
	const deep = Object.keys(body).find((name) => isDeeperThan(body[name], MAX_DEPTH));
	if (deep !== undefined)
		throw new RequestError(400, "invalid_request_error", `${deep}: is nested more than ${MAX_DEPTH} levels deep`);
	return withoutNulls(body) as unknown as MessageRequest;
}

function isDeeperThan(value: unknown, levels: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}

/** The SDKs of typed languages send `null` for an optional field that is not set. */
function withoutNulls(body: JsonObject): JsonObject {
	const entries = Object.entries(body);
	const set = entries.filter(([, value]) => value !== null);
	return set.length === entries.length ? body : Object.fromEntries(set);
}
