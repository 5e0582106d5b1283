import { createHash } from "node:crypto";
import type { MessageRequest } from "../../anthropic/messages.ts";
import type { Note } from "../../divergence.ts";
import type { Target } from "../../profile/target.ts";
import type { UpstreamRequest } from "../dialect.ts";
import { providerToolIds } from "../tool-ids.ts";
import { ToolNames } from "../tool-names.ts";
import { chatMessages } from "./history.ts";
import { thinkingFields } from "./thinking.ts";
import { toolFields } from "./tools.ts";

/** A request as `POST /chat/completions`. */
export function encode(request: MessageRequest, target: Target, note: Note): UpstreamRequest {
	const { quirks } = target;
	const names = new ToolNames(quirks.maxToolName, note);
	const tools = toolFields(request, target, names, note);
	const format = formatFields(request, target);
	const ids = providerToolIds(request, quirks.toolCallIds);
	const instructions = [...tools.instructions, ...format.instructions];
	const messages = chatMessages(request, { target, names, ids, note, instructions });
	const body: Record<string, unknown> = {
		model: target.model,
		messages,
		...tools.fields,
		...limitFields(request, target, note),
		...samplingFields(request, target, note),
		...thinkingFields(request, target, note),
		...format.fields,
		...userFields(request, target),
		...(request.stream === true && {
			stream: true,
			...(quirks.streamUsage && { stream_options: { include_usage: true } }),
		}),
		...quirks.extraBody,
	};
	return { path: "/chat/completions", headers: {}, body, toolNames: names.changed };
}

function limitFields(request: MessageRequest, target: Target, note: Note): Record<string, unknown> {
	const wanted = request.max_tokens;
	if (wanted === undefined) return {};
	const limit = Math.min(wanted, target.maxOutput ?? wanted);
	if (limit < wanted) {
		note({ kind: "max-tokens", where: "request.max_tokens", seen: String(wanted), done: `limited to ${limit}` });
	}
	return { [target.quirks.maxTokensField]: limit };
}

function samplingFields(request: MessageRequest, target: Target, note: Note): Record<string, unknown> {
	const { refusedParameters, temperatureRange, maxStopSequences } = target.quirks;
	const fields: Record<string, unknown> = {};
	const offer = (name: "temperature" | "top_p" | "top_k" | "stop", value: unknown) => {
		if (value === undefined) return;
		if (refusedParameters.includes(name)) {
			note({ kind: "refused-parameter", where: `request.${name}`, seen: JSON.stringify(value), done: "not sent" });
		} else fields[name] = value;
	};
	offer("temperature", request.temperature);
	offer("top_p", request.top_p);
	offer("top_k", request.top_k);
	if (request.stop_sequences?.length) offer("stop", request.stop_sequences.slice(0, maxStopSequences));
	const temperature = fields["temperature"];
	if (typeof temperature === "number" && temperatureRange) {
		const [low, high] = temperatureRange;
		fields["temperature"] = Math.min(Math.max(temperature, low), high);
		if (fields["temperature"] !== temperature) {
			note({
				kind: "temperature",
				where: "request.temperature",
				seen: String(temperature),
				done: `sent as ${fields["temperature"]}`,
			});
		}
	}
	return fields;
}

interface FormatFields {
	fields: Record<string, unknown>;
	instructions: string[];
}

/** Structured output, by the strongest means the provider has. */
function formatFields(request: MessageRequest, target: Target): FormatFields {
	const format = request.output_config?.format;
	if (format?.type !== "json_schema" || !format.schema) return { fields: {}, instructions: [] };
	const instructions = [
		`Answer with one JSON object and nothing else. It must match this schema:\n${JSON.stringify(format.schema)}`,
	];
	switch (target.quirks.responseFormat) {
		case "json_schema": {
			const json_schema = { name: "output", schema: format.schema, strict: true };
			return { fields: { response_format: { type: "json_schema", json_schema } }, instructions: [] };
		}
		case "json_object":
			return { fields: { response_format: { type: "json_object" } }, instructions };
		case "instruction":
			return { fields: {}, instructions };
	}
}

/** Claude Code's user id is a JSON text with a device and a session; providers want a short word, and need no more. */
function userFields(request: MessageRequest, target: Target): Record<string, unknown> {
	const field = target.quirks.userIdField;
	const id = request.metadata?.user_id;
	if ((field !== "user" && field !== "user_id") || !id) return {};
	return { [field]: createHash("sha256").update(id).digest("hex").slice(0, 32) };
}
