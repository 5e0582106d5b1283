import type { JsonSchema } from "../../src/anthropic/messages.ts";
import type { Target } from "../../src/profile/target.ts";

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
	const found: string[] = [];
	const limit = body[isChat ? quirks.maxTokensField : "max_tokens"];
	if (typeof limit === "number" && maxOutput !== undefined && limit > maxOutput) found.push(`limit ${limit}`);
	for (const name of quirks.refusedParameters) {
		if ((name === "stop" && !isChat ? "stop_sequences" : name) in body) found.push(`refused parameter ${name}`);
	}
	if (!isChat) for (const field of quirks.refusedFields) if (field in body) found.push(`refused field ${field}`);
	if (isChat && Array.isArray(body["stop"]) && body["stop"].length > quirks.maxStopSequences) found.push("stop");
	const text = JSON.stringify(body);
	if (!isChat && !quirks.cacheControl && text.includes('"cache_control"')) found.push("cache_control");
	if (!target.vision && (text.includes('"image_url"') || text.includes('"type":"image"'))) found.push("image");
	return [
		...found,
		...idViolations(text, target),
		...toolViolations(body, target),
		...thinkingViolations(body, target),
	];
}

function idViolations(text: string, { quirks }: Target): string[] {
	const ids = [...text.matchAll(/"(?:tool_call_id|tool_use_id)":"([^"]*)"/g)].map((match) => match[1] ?? "");
	return ids.filter((id) => !ID_FORMS[quirks.toolCallIds]?.test(id)).map((id) => `id ${id}`);
}

function toolViolations(body: Body, { dialect, quirks }: Target): string[] {
	const tools = (body["tools"] ?? []) as { name?: string; input_schema?: JsonSchema; function?: Body }[];
	const found = tools.length > quirks.maxTools ? [`${tools.length} tools`] : [];
	for (const tool of tools) {
		const name = String(tool.function?.["name"] ?? tool.name);
		if (name.length > quirks.maxToolName) found.push(`tool name ${name}`);
		if (dialect !== "openai-chat") continue;
		const keywords = keywordsOf(tool.function?.["parameters"]);
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
