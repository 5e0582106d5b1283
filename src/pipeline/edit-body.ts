import { isObject } from "../platform/json.ts";
import type { BodyEdit } from "../profile/model/quirks.ts";
import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageRequest } from "../protocol/messages.ts";

type Fields = Record<string, unknown>;

/** The request without the tools whose definitions the endpoint has refused. The same object when nothing changes. */
export function withoutRefusedTools(
	request: MessageRequest,
	{ refusedTools = [] }: Target,
	note: Note,
): MessageRequest {
	const tools = (request.tools ?? []).map(({ name }) => name).filter((name) => refusedTools.includes(name));
	if (tools.length === 0) return request;
	note({ kind: "refused-tool", where: "request.tools", seen: tools.join(", "), done: "not offered", data: { tools } });
	return { ...request, tools: request.tools?.filter(({ name }) => !tools.includes(name)) ?? [] };
}

/** The encoded body without what the endpoint refuses. The same object when nothing changes. */
export function editBody(body: Fields, edits: readonly BodyEdit[], note?: Note): Fields {
	const changed: string[] = [];
	let edited = body;
	for (const edit of edits) {
		const before = edited;
		edited = editFields(edited, edit.path, edit);
		if (edited !== before) changed.push(edit.path.join("."));
	}
	if (changed.length === 0) return body;
	note?.({
		kind: "refused-field",
		where: "request",
		seen: changed.join(", "),
		done: "not sent as it was",
		data: { fields: changed },
	});
	return edited;
}

/** Objects on the path are copied: a dialect may pass parts of the client's request on. */
function editFields(fields: Fields, [name = "", ...path]: readonly string[], edit: BodyEdit): Fields {
	if (!Object.hasOwn(fields, name)) return fields;
	const value = fields[name];
	const edited = path.length === 0 ? editValue(value, edit) : editInside(value, path, edit);
	if (edited === value) return fields;
	if (edited !== undefined) return { ...fields, [name]: edited };
	const { [name]: _removed, ...rest } = fields;
	return rest;
}

function editValue(value: unknown, { replace, minimum, maximum }: BodyEdit): unknown {
	if (replace) return value === replace.from ? replace.to : value;
	if (minimum === undefined && maximum === undefined) return undefined;
	return typeof value === "number" ? Math.min(Math.max(value, minimum ?? value), maximum ?? value) : value;
}

/** An object that is empty after its last field was removed is removed too, but never an item of a list. */
function editInside(value: unknown, path: readonly string[], edit: BodyEdit): unknown {
	if (Array.isArray(value)) return path[0] === "*" ? editItems(value, path.slice(1), edit) : value;
	if (!isObject(value)) return value;
	const edited = editFields(value, path, edit);
	return edited !== value && Object.keys(edited).length === 0 ? undefined : edited;
}

function editItems(items: readonly unknown[], path: readonly string[], edit: BodyEdit): readonly unknown[] {
	const edited = items.map((item) => (isObject(item) ? editFields(item, path, edit) : item));
	return edited.some((item, index) => item !== items[index]) ? edited : items;
}
