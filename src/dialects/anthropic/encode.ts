import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import {
	type CacheControl,
	type ContentBlock,
	contentBlocks,
	type MessageParam,
	type MessageRequest,
} from "../../protocol/messages.ts";
import { reminder } from "../../protocol/reminders.ts";
import type { UpstreamRequest } from "../dialect.ts";
import { adaptParameters, formatAsInstruction, formatInstruction, hashedUserId } from "../parameters.ts";
import { providerToolIds } from "../tools/tool-ids.ts";
import { ToolNames } from "../tools/tool-names.ts";
import { adaptMessages } from "./history.ts";
import { adaptThinking } from "./reasoning.ts";
import { adaptTools } from "./tools.ts";

/** Version of the Messages API that Claude Code speaks. */
const VERSION = "2023-06-01";

/**
 * A request as `POST /v1/messages`: as it came, except for the model and for everything that the endpoint would refuse.
 * Parts that need no change stay the same objects.
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
	const tools = adaptTools(adaptParameters(original, target, note), target, names, note);
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

/** Structured output as an instruction if the endpoint has no field for it. */
function adaptFormat(request: MessageRequest, quirks: Quirks, instructions: string[], note: Note): MessageRequest {
	const { format, ...others } = request.output_config ?? {};
	const isSupported = quirks.responseFormat === "json_schema" && !quirks.refusedFields.includes("output_config");
	if (!format || isSupported) return request;
	note(formatAsInstruction());
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

/**
 * Body fields that belong to a beta, by the beta's name without its date.
 * Source: platform.claude.com/docs/en/api/beta-headers.
 */
const FIELDS_OF_BETA: Readonly<Record<string, readonly string[]>> = {
	"context-management": ["context_management"],
	"mcp-client": ["mcp_servers"],
	"code-execution": ["container"],
};

/** The betas that the endpoint accepts, and the request without refused fields and without fields of other betas. */
function adaptBetas(
	request: MessageRequest,
	betas: readonly string[],
	quirks: Quirks,
	note: Note,
): { request: MessageRequest; betas: string[] } {
	const passed = betas.filter((beta) => quirks.betas === "all" || quirks.betas.includes(beta));
	const refused = new Set(quirks.refusedFields);
	for (const beta of betas) {
		if (!passed.includes(beta)) for (const field of FIELDS_OF_BETA[withoutDate(beta)] ?? []) refused.add(field);
	}
	const found = Object.keys(request).filter((field) => refused.has(field));
	if (found.length === 0) return { request, betas: passed };
	note({ kind: "refused-field", where: "request", seen: found.join(", "), done: "not sent", data: { fields: found } });
	const kept = { ...request };
	for (const field of found) delete kept[field];
	return { request: kept, betas: passed };
}

function withoutDate(beta: string): string {
	return beta.replace(/-\d{4}-\d{2}-\d{2}$/, "");
}

/** The request without any `cache_control`, for endpoints that refuse it. */
function withoutCacheControl(request: MessageRequest, note: Note): MessageRequest {
	note({ kind: "cache-control", where: "request", seen: "cache_control", done: "not sent" });
	const { system, tools } = request;
	return {
		...request,
		messages: request.messages.map((message) => {
			return typeof message.content === "string" ? message : { ...message, content: message.content.map(strip) };
		}),
		...(Array.isArray(system) && { system: system.map(withoutMark) }),
		...(tools && { tools: tools.map(withoutMark) }),
	};
}

function strip(block: ContentBlock): ContentBlock {
	if (block.type === "thinking" || block.type === "redacted_thinking") return block;
	const stripped = withoutMark(block);
	const holdsBlocks = stripped.type === "tool_result" || stripped.type === "search_result";
	if (holdsBlocks && Array.isArray(stripped.content)) stripped.content = stripped.content.map(strip);
	return stripped;
}

function withoutMark<T extends { cache_control?: CacheControl }>(value: T): T {
	const copy = { ...value };
	delete copy.cache_control;
	return copy;
}
