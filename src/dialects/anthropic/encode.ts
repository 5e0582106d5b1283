import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { ContentBlock, MessageParam, MessageRequest } from "../../protocol/messages.ts";
import { contentBlocks } from "../../protocol/messages.ts";
import { reminder } from "../conversation/turn.ts";
import type { UpstreamRequest } from "../dialect.ts";
import { adaptParameters, formatInstruction, formatInWords, hashedUserId } from "../parameters.ts";
import { providerToolIds } from "../tools/tool-ids.ts";
import { ToolNames } from "../tools/tool-names.ts";
import { adaptBetas } from "./betas.ts";
import { withoutCacheControl } from "./cache-control.ts";
import { adaptMessages } from "./history.ts";
import { adaptThinking } from "./thinking.ts";
import { adaptTools } from "./tools.ts";

/** Version of the Messages API that Claude Code speaks. */
const VERSION = "2023-06-01";

/**
 * A request as `POST /v1/messages`: as it came, but for the model and what the endpoint would refuse. Parts in which
 * nothing needs changing stay the same objects, and leave with the same bytes.
 */
export function encode(
	original: MessageRequest,
	target: Target,
	note: Note,
	betas: readonly string[] = [],
): UpstreamRequest {
	const { quirks } = target;
	const names = new ToolNames(quirks.maxToolName, note);
	const ids = providerToolIds(original, quirks.toolCallIds);
	const tools = adaptTools(adaptParameters(original, target, note), quirks, names, note);
	const instructions = [...tools.instructions];
	let request = adaptFormat(tools.request, quirks, instructions, note);
	request = { ...request, model: target.model, messages: adaptMessages(request, { target, names, ids, note }) };
	request = adaptUserId(adaptThinking(request, target, note), quirks);
	request = withInstructions(request, instructions);
	if (!quirks.cacheControl) request = withoutCacheControl(request, note);
	const passed = adaptBetas(request, betas, quirks, note);
	const headers: Record<string, string> = { "anthropic-version": VERSION };
	if (passed.betas.length > 0) headers["anthropic-beta"] = passed.betas.join(",");
	return { path: "/v1/messages", headers, body: { ...passed.request, ...quirks.extraBody }, toolNames: names.changed };
}

/** Structured output in words, where the endpoint has no field for it. */
function adaptFormat(request: MessageRequest, quirks: Quirks, instructions: string[], note: Note): MessageRequest {
	const { format, ...others } = request.output_config ?? {};
	const isTaken = quirks.responseFormat === "json_schema" && !quirks.refusedFields.includes("output_config");
	if (!format || isTaken) return request;
	note(formatInWords());
	if (format.schema) instructions.push(formatInstruction(format.schema));
	const { output_config: _config, ...rest } = request;
	return Object.keys(others).length === 0 ? rest : { ...rest, output_config: others };
}

function adaptUserId(request: MessageRequest, quirks: Quirks): MessageRequest {
	if (request.metadata?.user_id === undefined || quirks.userIdField === "raw") return request;
	if (quirks.userIdField !== "none") {
		return { ...request, metadata: { ...request.metadata, user_id: hashedUserId(request) ?? null } };
	}
	const { metadata: _metadata, ...rest } = request;
	return rest;
}

function withInstructions(request: MessageRequest, instructions: readonly string[]): MessageRequest {
	if (instructions.length === 0) return request;
	const blocks: ContentBlock[] = instructions.map((text) => ({
		type: "text",
		text: reminder(text),
	}));
	const last = request.messages.at(-1);
	const isJoined = last?.role === "user";
	const turn: MessageParam = { role: "user", content: [...(isJoined ? contentBlocks(last.content) : []), ...blocks] };
	return { ...request, messages: [...request.messages.slice(0, isJoined ? -1 : undefined), turn] };
}
