import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";

type Fields = Record<string, unknown>;

/**
 * The target as it has to be asked when the provider refuses a parameter by its name (`param` of OpenAI's error: a
 * dotted path). Undefined where the request would be no request without it, or where it was not sent anyway.
 */
export function withoutParameter(target: Target, parameter: string): Target | undefined {
	const { quirks } = target;
	// A model that does not reason has no reasoning to encrypt (`include`).
	if (parameter === "include" && target.thinking !== "none") return { ...target, thinking: "none" };
	if (parameter === "max_tokens" && quirks.maxTokensField === "max_tokens" && target.dialect === "openai-chat")
		return { ...target, quirks: { ...quirks, maxTokensField: "max_completion_tokens" } };
	const refused = PARAMETERS.get(parameter);
	if (refused && !quirks.refusedParameters.includes(refused))
		return { ...target, quirks: { ...quirks, refusedParameters: [...quirks.refusedParameters, refused] } };
	if (parameter === "parallel_tool_calls" && quirks.parallelToolCallsField)
		return { ...target, quirks: { ...quirks, parallelToolCallsField: false } };
	const thinkingOn = without(quirks.thinkingOn, parameter.split("."));
	return thinkingOn && { ...target, quirks: { ...quirks, thinkingOn } };
}

/** What a provider calls a parameter, and our name for it. */
const PARAMETERS: ReadonlyMap<string, Quirks["refusedParameters"][number]> = new Map([
	["temperature", "temperature"],
	["top_p", "top_p"],
	["top_k", "top_k"],
	["stop", "stop"],
	["max_output_tokens", "max_tokens"],
]);

/** The fields without the one at the end of the path; undefined when there is none. */
function without(fields: Fields, [name = "", ...path]: readonly string[]): Fields | undefined {
	if (!(name in fields)) return undefined;
	const { [name]: value, ...rest } = fields;
	if (path.length === 0) return rest;
	const inner = typeof value === "object" && value !== null ? without(value as Fields, path) : undefined;
	return inner && { ...rest, [name]: inner };
}
