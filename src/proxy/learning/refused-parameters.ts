import { isObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";

/** The providers' names of parameters that a quirk can leave out. */
const SIMPLE_PARAMETERS: ReadonlyMap<string, Quirks["refusedParameters"][number]> = new Map([
	["temperature", "temperature"],
	["top_p", "top_p"],
	["top_k", "top_k"],
	["stop", "stop"],
	["max_output_tokens", "max_tokens"],
]);

/**
 * The target without a parameter that the provider refused by name (`param` of OpenAI's error: a dotted path). Undefined
 * if the request cannot do without it, or does not contain it.
 */
export function withoutParameter(target: Target, parameter: string): Target | undefined {
	const { quirks } = target;
	// `include` asks for encrypted reasoning: a model that refuses it does not reason.
	if (parameter === "include" && target.thinking !== "none") return { ...target, thinking: "none" };
	if (parameter === "max_tokens" && quirks.maxTokensField === "max_tokens" && target.dialect === "openai-chat")
		return { ...target, quirks: { ...quirks, maxTokensField: "max_completion_tokens" } };
	const simple = SIMPLE_PARAMETERS.get(parameter);
	if (simple && !quirks.refusedParameters.includes(simple))
		return { ...target, quirks: { ...quirks, refusedParameters: [...quirks.refusedParameters, simple] } };
	if (parameter === "parallel_tool_calls" && quirks.parallelToolCallsField)
		return { ...target, quirks: { ...quirks, parallelToolCallsField: false } };
	const thinkingOn = without(quirks.thinkingOn, parameter.split("."));
	return thinkingOn && { ...target, quirks: { ...quirks, thinkingOn } };
}

/** The fields without the one at the end of the path; undefined when there is none. */
function without(
	fields: Record<string, unknown>,
	[name = "", ...path]: readonly string[],
): Record<string, unknown> | undefined {
	if (!Object.hasOwn(fields, name)) return undefined;
	const { [name]: value, ...rest } = fields;
	if (path.length === 0) return rest;
	const inner = isObject(value) ? without(value, path) : undefined;
	return inner && { ...rest, [name]: inner };
}
