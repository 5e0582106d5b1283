import { isObject } from "../../platform/json.ts";

/** A place in a request body: the names from its root, `*` for the items of a list. */
export type BodyPath = readonly string[];

type Body = Readonly<Record<string, unknown>>;

/** Fields whose content is the user's or the model's: names in it are not fields of the request. */
const CONTENT_FIELDS = new Set(
	[
		"parameters",
		"input_schema",
		"parametersJsonSchema",
		"schema",
		"arguments",
		"args",
		"response",
		"responseSchema",
	].map(fold),
);

/** Names of fields that occur everywhere: alone they say nothing about a place. */
const GENERIC_NAMES = new Set(["type", "name", "value", "id", "role", "content", "text", "mode", "object", "function"]);

/** Most places that are looked at. A request of Claude Code has fewer, except in very long conversations. */
const MAX_PLACES = 100_000;

/** Names by which endpoints call the same thing. */
const ALIASES: readonly (readonly string[])[] = [
	["effort", "reasoning_effort", "output_config.effort", "thinking_level", "thinking_config"],
	["thinking_budget", "budget_tokens", "thinking_config"],
	["thinking", "reasoning", "enable_thinking", "chat_template_kwargs", "thinking_config", "reasoning_effort"],
	[
		"response_format",
		"output_format",
		"text.format",
		"output_config.format",
		"response_schema",
		"response_json_schema",
	],
	["max_tokens", "max_completion_tokens", "max_output_tokens"],
	["stop", "stop_sequences"],
	["tool_choice", "tool_config"],
];

/** The fields of a body, each place of a list once. Own properties only. */
export class SentFields {
	readonly #body: Body;
	/** Place → its names, without `*`, folded. */
	readonly #places = new Map<string, { path: BodyPath; names: string[] }>();
	#left = MAX_PLACES;

	constructor(body: Body) {
		this.#body = body;
		this.#collect(body, []);
	}

	/**
	 * The places that a provider's path means: `messages.3.reasoning_content` is that field of all messages; a name that is
	 * not at the root is looked for inside (`scope`); `reasoning.effort` may be written for `reasoning_effort`.
	 */
	find(refused: readonly string[]): BodyPath[] {
		const exact = this.#walk(refused);
		if (exact) return this.#alike(exact);
		const wanted = namesOf(refused).join("");
		if (GENERIC_NAMES.has(wanted)) return [];
		const found = [...this.#places.values()].filter(({ names }) => endsWith(names, wanted)).map(({ path }) => path);
		return found.filter((path) => !found.some((other) => other !== path && isInside(path, other)));
	}

	/** Places of the same meaning, where the body has no field of the refused name. */
	findAliases(refused: readonly string[]): BodyPath[] {
		if (this.find(refused).length > 0) return [];
		const name = fold(refused.join("."));
		const group = ALIASES.find((names) => names.some((alias) => fold(alias) === name)) ?? [];
		return group
			.flatMap((alias) => this.find(alias.split(".")))
			.filter(([first = ""]) => !CONVERSATION.has(fold(first)));
	}

	/** The places outside the conversation that have this text as their value. */
	withValue(value: string): BodyPath[] {
		const isOutside = ([name = ""]: BodyPath) => !CONVERSATION.has(fold(name)) && fold(name) !== "model";
		return [...this.#places.values()]
			.map(({ path }) => path)
			.filter((path) => isOutside(path) && valueAt(this.#body, path) === value);
	}

	/**
	 * The places outside the conversation whose name is a word of the text. Only names with an underscore or an inner
	 * capital count: `stop` and `thinking` are English words too.
	 */
	mentionedIn(text: string): BodyPath[] {
		const names = text.split(/\W/).filter((word) => /\w_\w|[a-z][A-Z]/.test(word));
		const words = new Set(names.map(fold));
		return [...this.#places.values()]
			.map(({ path }) => path)
			.filter(([first = "", ...rest]) => !CONVERSATION.has(fold(first)) && words.has(fold(rest.at(-1) ?? first)));
	}

	valueAt(path: BodyPath): unknown {
		return valueAt(this.#body, path);
	}

	/** The place of a path whose every name is in the body. */
	#walk(refused: readonly string[]): BodyPath | undefined {
		let value: unknown = this.#body;
		const path: string[] = [];
		for (const name of refused) {
			if (Array.isArray(value)) {
				const isIndex = /^\d+$/.test(name) && Object.hasOwn(value, name);
				value = isIndex ? value[Number(name)] : undefined;
				path.push("*");
			} else {
				const own = isObject(value) ? Object.keys(value).find((key) => fold(key) === fold(name)) : undefined;
				if (own === undefined) return undefined;
				value = isObject(value) ? value[own] : undefined;
				path.push(own);
			}
			if (value === undefined) return undefined;
		}
		return path;
	}

	/** A refused part of `cache_control` is refused at each place: system, tools and messages. */
	#alike(path: BodyPath): BodyPath[] {
		const start = path.findIndex((name) => fold(name) === "cachecontrol");
		if (start < 1) return [path];
		const wanted = namesOf(path.slice(start)).join("");
		const found = [...this.#places.values()].filter(({ names }) => endsWith(names, wanted)).map((place) => place.path);
		return found.length > 0 ? found : [path];
	}

	#collect(value: unknown, path: BodyPath): void {
		if (Array.isArray(value)) {
			for (const item of value) this.#collect(item, [...path, "*"]);
			return;
		}
		if (!isObject(value)) return;
		for (const name of Object.keys(value)) {
			if (this.#left-- <= 0) return;
			const place = [...path, name];
			const key = place.join("\n");
			if (!this.#places.has(key)) this.#places.set(key, { path: place, names: namesOf(place) });
			const isContent = CONTENT_FIELDS.has(fold(name)) || (name === "input" && path.length > 0);
			if (!isContent) this.#collect(value[name], place);
		}
	}
}

/** Top-level fields in which words are the user's, the model's or a tool's, and say nothing about the request's form. */
export const SPOKEN_FIELDS = ["messages", "input", "contents", "system", "instructions", "systemInstruction"];

/** Top-level fields that hold the conversation and its tools. */
export const CONVERSATION: ReadonlySet<string> = new Set([...SPOKEN_FIELDS, "tools", "prompt"].map(fold));

/** Whether the conversation holds a part of a kind: a `type`, or a field of that name. */
export function holdsPart(value: unknown, kind: RegExp): boolean {
	if (Array.isArray(value)) return value.some((item) => holdsPart(item, kind));
	if (!isObject(value)) return false;
	return Object.entries(value).some(
		([name, inner]) =>
			kind.test(name) ||
			(name === "type" && typeof inner === "string" && kind.test(inner)) ||
			(!CONTENT_FIELDS.has(fold(name)) && holdsPart(inner, kind)),
	);
}

/** The name without case, underscores and hyphens: xAI writes `reasoningEffort` for `reasoning_effort`. */
export function fold(name: string): string {
	return name.replaceAll(/[_-]/g, "").toLowerCase();
}

function namesOf(path: readonly string[]): string[] {
	return path.filter((name) => !/^(?:\*|\d+|N)$/.test(name)).map(fold);
}

/** Whether the last names, joined, are the wanted ones. */
function endsWith(names: readonly string[], wanted: string): boolean {
	for (let start = names.length - 1, joined = ""; start >= 0 && joined.length < wanted.length; start--) {
		joined = `${names[start]}${joined}`;
		if (joined === wanted) return true;
	}
	return false;
}

function isInside(path: BodyPath, outer: BodyPath): boolean {
	return path.length > outer.length && outer.every((name, index) => path[index] === name);
}

/** The value at a place, in the first item of a list that has one. */
function valueAt(value: unknown, [name, ...path]: BodyPath): unknown {
	if (name === undefined) return value;
	if (Array.isArray(value)) return value.map((item) => valueAt(item, path)).find((found) => found !== undefined);
	return isObject(value) && Object.hasOwn(value, name) ? valueAt(value[name], path) : undefined;
}

/** The value at a path with indexes, or the innermost object on the way to a part that was not sent. */
export function closestValue(value: unknown, [name, ...path]: readonly string[]): unknown {
	if (name === undefined) return value;
	if (Array.isArray(value)) return closestValue(value[Number(name)], path);
	return isObject(value) && Object.hasOwn(value, name) ? closestValue(value[name], path) : value;
}
