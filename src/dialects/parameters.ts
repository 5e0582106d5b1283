import { createHash } from "node:crypto";
import type { Quirks } from "../profile/model/quirks.ts";
import type { Target } from "../profile/model/target.ts";
import type { Divergence, Note } from "../protocol/divergence.ts";
import type { JsonSchema, MessageRequest } from "../protocol/messages.ts";

/** The request within the target's limits, without the parameters it refuses. The same object when nothing changes. */
export function adaptParameters(request: MessageRequest, target: Target, note: Note): MessageRequest {
	const { refusedParameters, temperatureRange } = target.quirks;
	const changes: Partial<MessageRequest> = {};
	const refused: string[] = [];
	for (const name of refusedParameters) {
		const field = name === "stop" ? "stop_sequences" : name;
		if (request[field] === undefined) continue;
		refused.push(field);
		note({
			kind: "refused-parameter",
			where: `request.${field}`,
			seen: JSON.stringify(request[field]),
			done: "not sent",
		});
	}
	if (request.max_tokens !== undefined && target.maxOutput !== undefined && request.max_tokens > target.maxOutput) {
		changes.max_tokens = target.maxOutput;
		note(limited("max_tokens", request.max_tokens, target.maxOutput));
	}
	if (request.temperature !== undefined && temperatureRange && !refused.includes("temperature")) {
		const temperature = Math.min(Math.max(request.temperature, temperatureRange[0]), temperatureRange[1]);
		if (temperature !== request.temperature) {
			changes.temperature = temperature;
			note(limited("temperature", request.temperature, temperature));
		}
	}
	if (refused.length === 0 && Object.keys(changes).length === 0) return request;
	const adapted: MessageRequest = { ...request, ...changes };
	for (const field of refused) delete adapted[field];
	return adapted;
}

/** Claude Code's user id is a JSON text with a device and a session. Providers expect a short opaque id. */
export function hashedUserId(request: MessageRequest): string | undefined {
	const id = request.metadata?.user_id;
	return id ? createHash("sha256").update(id).digest("hex").slice(0, 32) : undefined;
}

/** The body field for the hashed user id if the provider has one. */
export function userFields(request: MessageRequest, target: Target): { user?: string; user_id?: string } {
	const field = target.quirks.userIdField;
	const id = hashedUserId(request);
	return (field === "user" || field === "user_id") && id ? { [field]: id } : {};
}

/** Structured output in the strongest form that the provider supports. */
export interface OutputFormat {
	/** The provider's response format; undefined: the field is not sent. */
	form: "json_schema" | "json_object" | undefined;
	schema: JsonSchema;
	/** The instruction in the conversation if the field cannot carry the schema. */
	instructions: string[];
}

export function outputFormat(request: MessageRequest, support: Quirks["responseFormat"], note: Note): OutputFormat {
	const { type, schema } = request.output_config?.format ?? {};
	if (type !== "json_schema" || !schema) return { form: undefined, schema: {}, instructions: [] };
	if (support === "json_schema") return { form: support, schema, instructions: [] };
	note(formatAsInstruction());
	const form = support === "json_object" ? support : undefined;
	return { form, schema, instructions: [formatInstruction(schema)] };
}

/** The instruction that replaces the field for structured output. */
export function formatInstruction(schema: JsonSchema): string {
	return `Answer with one JSON object and nothing else. It must match this schema:\n${JSON.stringify(schema)}`;
}

export function formatAsInstruction(): Divergence {
	return {
		kind: "structured-output",
		where: "request.output_config.format",
		seen: "json_schema",
		done: "sent as an instruction",
	};
}

function limited(field: string, seen: number, sent: number): Divergence {
	return { kind: field.replace("_", "-"), where: `request.${field}`, seen: String(seen), done: `sent as ${sent}` };
}
