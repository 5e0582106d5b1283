import type { Target } from "../../src/profile/model/target.ts";
import type { JsonSchema } from "../../src/protocol/messages.ts";

type Body = Record<string, unknown>;

const ID_FORMS: Readonly<Record<string, RegExp>> = {
	any: /./,
	"alphanumeric-9": /^[a-zA-Z0-9]{9}$/,
	"max-40": /^[a-zA-Z0-9_-]{1,40}$/,
	"max-64": /^[a-zA-Z0-9_-]{1,64}$/,
	kimi: /^functions\.[^:]+:\d+$/,
};

/** The rules that a target declares with its quirks and limits; each one that a request breaks is one line. */
export function quirkViolations(body: Body, target: Target): string[] {
	const { quirks, maxOutput } = target;
	const isChat = target.dialect === "openai-chat";
	const isAnthropic = target.dialect === "anthropic";
	const found: string[] = [];
	const limit = limitOf(body, target);
	if (typeof limit === "number" && maxOutput !== undefined && limit > maxOutput) found.push(`limit ${limit}`);
	for (const name of quirks.refusedParameters) {
		if ((name === "stop" && isAnthropic ? "stop_sequences" : name) in body) found.push(`refused parameter ${name}`);
	}
	if (isAnthropic) for (const field of quirks.refusedFields) if (field in body) found.push(`refused field ${field}`);
	if (isChat && Array.isArray(body["stop"]) && body["stop"].length > quirks.maxStopSequences) found.push("stop");
	const text = JSON.stringify(body);
	if (isAnthropic && !quirks.cacheControl && text.includes('"cache_control"')) found.push("cache_control");
	if (!target.vision && /"image_url"|"type":"image"|"mimeType":"image/.test(text)) found.push("image");
	return [
		...found,
		...idViolations(text, target),
		...toolViolations(body, target),
		...thinkingViolations(body, target),
	];
}

/** The output limit, wherever the wire has it. */
function limitOf(body: Body, { dialect, quirks }: Target): unknown {
	switch (dialect) {
		case "openai-chat":
			return body[quirks.maxTokensField];
		case "openai-responses":
			return body["max_output_tokens"];
		case "gemini":
			return (body["generationConfig"] as Body | undefined)?.["maxOutputTokens"];
		case "anthropic":
			return body["max_tokens"];
	}
}

function idViolations(text: string, { quirks }: Target): string[] {
	const ids = [...text.matchAll(/"(?:tool_call_id|tool_use_id|call_id)":"([^"]*)"/g)].map((match) => match[1] ?? "");
	return ids.filter((id) => !ID_FORMS[quirks.toolCallIds]?.test(id)).map((id) => `id ${id}`);
}

function toolViolations(body: Body, { dialect, quirks }: Target): string[] {
	const tools = (body["tools"] ?? []) as {
		name?: string;
		parameters?: Body;
		input_schema?: JsonSchema;
		function?: Body;
	}[];
	const found = tools.length > quirks.maxTools ? [`${tools.length} tools`] : [];
	for (const tool of tools) {
		const name = String(tool.function?.["name"] ?? tool.name);
		if (name.length > quirks.maxToolName) found.push(`tool name ${name}`);
		if (dialect !== "openai-chat" && dialect !== "openai-responses") continue;
		const keywords = keywordsOf(tool.function?.["parameters"] ?? tool.parameters);
		for (const keyword of quirks.schemaRemove)
			if (keywords.has(keyword)) found.push(`${keyword} in the schema of ${name}`);
		if (quirks.schemaRewrite.includes("const-to-enum") && keywords.has("const")) found.push(`const in ${name}`);
		if (quirks.schemaRewrite.includes("one-of-to-any-of") && keywords.has("oneOf")) found.push(`oneOf in ${name}`);
		if (quirks.schemaRewrite.includes("inline-refs") && keywords.has("$ref")) found.push(`$ref in ${name}`);
	}
	return found;
}

/** Every keyword that stands where a keyword can stand: names of properties and values of enums are none. */
function keywordsOf(schema: unknown, found = new Set<string>()): Set<string> {
	if (typeof schema !== "object" || schema === null) return found;
	if (Array.isArray(schema)) {
		for (const item of schema) keywordsOf(item, found);
		return found;
	}
	for (const [keyword, value] of Object.entries(schema)) {
		found.add(keyword);
		if (keyword === "properties" || keyword === "$defs" || keyword === "patternProperties") {
			for (const inner of Object.values(value as object)) keywordsOf(inner, found);
		} else if (!["enum", "const", "default", "required", "examples"].includes(keyword)) keywordsOf(value, found);
	}
	return found;
}

function thinkingViolations(body: Body, { dialect, quirks, thinking }: Target): string[] {
	const type = (body["thinking"] as { type?: string } | undefined)?.type;
	if (dialect !== "anthropic" || type === undefined) return [];
	const given = (quirks.thinkingOn["thinking"] ?? quirks.thinkingOff["thinking"]) as { type?: string } | undefined;
	if (thinking === "none") return ["thinking for a model that does not think"];
	return given || (quirks.thinkingTypes as string[]).includes(type) ? [] : [`thinking ${type}`];
}
