/**
 * A path in the request body as error messages write it: `messages[0].content`, `body.maxTokens`, `#/tools/1/name`,
 * `$.tools.0`, and (Pydantic's union tags) `messages.2.assistant.name`, `cache_control.ephemeral.scope`.
 */

/** Longest path that is read, in characters, and longest name in it. */
const MAX_PATH_CHARS = 300;
const MAX_NAME_CHARS = 64;

/** Names of the whole body in validation errors. */
const BODY_NAMES = new Set(["body", "request", "params", "$", "#", "root", "__root__", "payload", "parameter"]);

/** Union tags by the field that they describe. Followed by another name, they are not part of the body. */
const UNION_TAGS: Readonly<Record<string, ReadonlySet<string>>> = {
	messages: new Set(["user", "assistant", "system", "tool", "developer", "function"]),
	input: new Set(["user", "assistant", "system", "tool", "developer", "message", "function_call"]),
	content: new Set([
		"text",
		"image",
		"image_url",
		"document",
		"thinking",
		"redacted_thinking",
		"tool_use",
		"tool_result",
		"server_tool_use",
		"web_search_tool_result",
		"search_result",
		"str",
	]),
	system: new Set(["text", "str"]),
	cache_control: new Set(["ephemeral"]),
	thinking: new Set(["enabled", "disabled", "adaptive"]),
	tool_choice: new Set(["auto", "any", "tool", "none"]),
	source: new Set(["base64", "url", "file", "text", "content"]),
};

/** The names of a path, outermost first, without the validator's additions; undefined for text that is not a path. */
export function parseFieldPath(text: string): string[] | undefined {
	if (text.length > MAX_PATH_CHARS) return undefined;
	return normalisePath(text.replace(/^#\/?|^\$\.?/, "").split(/[.[\]/'"]+/));
}

/** The names of a `loc`: `["body", "messages", 0, "user", "name"]`. */
export function parseLocation(location: readonly unknown[]): string[] | undefined {
	const names = location.filter((part) => typeof part === "string" || typeof part === "number").map(String);
	return normalisePath(names.flatMap((name) => (/^[\w$.-]+$/.test(name) ? name.split(".") : [])));
}

function normalisePath(parts: readonly string[]): string[] | undefined {
	const names = parts.map((part) => part.trim()).filter(Boolean);
	while (names[0] !== undefined && names.length > 1 && BODY_NAMES.has(names[0])) names.shift();
	const path = names.filter((name, index) => !isUnionTag(names, index, name));
	return path.length > 0 && path.every(isFieldName) ? path : undefined;
}

function isUnionTag(names: readonly string[], index: number, name: string): boolean {
	if (index === 0) return false;
	const previous = names[index - 1] ?? "";
	const owner = /^\d+$|^N$/.test(previous) ? (names[index - 2] ?? "") : previous;
	if (owner === "tools" && name === "custom") return true;
	if (index === names.length - 1) return false;
	// `messages.1.user.name`, `tools.0.web_search_20250305.max_uses`, `messages.0.ChatCompletionUserMessageParam.name`
	if (Object.hasOwn(UNION_TAGS, owner) && UNION_TAGS[owner]?.has(name)) return true;
	return (
		(owner === "tools" && /_\d{8}$/.test(name)) ||
		(index < 4 && /^[A-Z][a-z]+[A-Z]\w*(?:Param|Message|Block|Tool)$/.test(name))
	);
}

/** Names inherited by every object are never fields of a request. */
export function isFieldName(name: string): boolean {
	return name.length <= MAX_NAME_CHARS && /^(?:[A-Za-z_][\w-]*|\d{1,6})$/.test(name) && !(name in Object.prototype);
}

/** Whether two names mean the same field: xAI writes `reasoningEffort` for `reasoning_effort`. */
export function isSameField(one: string, other: string): boolean {
	return foldName(one) === foldName(other);
}

function foldName(name: string): string {
	return name.replaceAll(/[_-]/g, "").toLowerCase();
}
