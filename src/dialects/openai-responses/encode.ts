import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import { systemText } from "../conversation/turns.ts";
import type { UpstreamRequest } from "../dialect.ts";
import { adaptParameters, type OutputFormat, outputFormat, userFields } from "../parameters.ts";
import { thinkingFields } from "../reasoning/thinking-request.ts";
import { providerToolIds } from "../tools/tool-ids.ts";
import { ToolNames } from "../tools/tool-names.ts";
import { inputItems } from "./history.ts";
import { toolFields } from "./tools.ts";
import type { ResponsesRequest } from "./wire.ts";

/** Smaller limits are answered with 400 "integer below minimum value". */
const MIN_OUTPUT_TOKENS = 16;

/** A request as `POST /responses`. Nothing is stored at the provider: each request carries the whole conversation. */
export function encode(original: MessageRequest, target: Target, note: Note): UpstreamRequest {
	const { quirks } = target;
	const request = adaptParameters(original, target, note);
	const names = new ToolNames(quirks.maxToolName, note);
	const tools = toolFields(request, target, names, note);
	const format = outputFormat(request, quirks.responseFormat, note);
	const ids = providerToolIds(request, quirks.toolCallIds);
	const instructions = [...tools.instructions, ...format.instructions];
	const system = systemText(request.system);
	const body: ResponsesRequest = {
		model: target.model,
		...(system !== "" && { instructions: system }),
		input: inputItems(request, { target, names, ids, note, instructions }),
		...tools.fields,
		...parameterFields(request, note),
		...thinkingFields(request, target, note),
		...textFields(format),
		...userFields(request, target),
		...includeFields(target, tools.hasWebSearch),
		store: false,
		...(request.stream === true && { stream: true }),
		...quirks.extraBody,
	};
	return { path: "/responses", headers: {}, body, toolNames: names.changed };
}

/** This wire has no field for stop sequences: all of them are enforced on the reply. */
function parameterFields(request: MessageRequest, note: Note): Partial<ResponsesRequest> {
	const { max_tokens, temperature, top_p, top_k } = request;
	if (top_k !== undefined)
		note({ kind: "refused-parameter", where: "request.top_k", seen: String(top_k), done: "not sent" });
	if (max_tokens !== undefined && max_tokens < MIN_OUTPUT_TOKENS) {
		const done = `sent as ${MIN_OUTPUT_TOKENS}`;
		note({ kind: "max-tokens", where: "request.max_tokens", seen: String(max_tokens), done });
	}
	return {
		...(max_tokens !== undefined && { max_output_tokens: Math.max(max_tokens, MIN_OUTPUT_TOKENS) }),
		...(temperature !== undefined && { temperature }),
		...(top_p !== undefined && { top_p }),
	};
}

/** The parts of a reply that are sent only on request: reasoning that can go back, and the pages of a search. */
function includeFields(target: Target, hasWebSearch: boolean): Pick<ResponsesRequest, "include"> {
	const include: ResponsesRequest["include"] = [];
	if (target.thinking !== "none") include.push("reasoning.encrypted_content");
	if (hasWebSearch) include.push("web_search_call.action.sources");
	return include.length > 0 ? { include } : {};
}

function textFields({ form, schema }: OutputFormat): Pick<ResponsesRequest, "text"> {
	if (form !== "json_schema") return form ? { text: { format: { type: form } } } : {};
	return { text: { format: { type: form, name: "output", schema, strict: true } } };
}
