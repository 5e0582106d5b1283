/** A request body of any wire. */
export type Body = Record<string, unknown>;

/**
 * A body of Responses or of Gemini with its conversation, system prompt and tools in the places that the Messages API
 * and Chat Completions have them, message by message, so that bodies of all wires can be compared. Others stay.
 */
export function plainBody(body: Body): Body {
	if (Array.isArray(body["contents"])) return plainGemini(body);
	return Array.isArray(body["input"]) ? plainResponses(body) : body;
}

function plainResponses({ input, instructions, ...rest }: Body): Body {
	return { ...rest, ...(instructions !== undefined && { system: instructions }), messages: list(input).map(plainItem) };
}

/** Source: platform.openai.com/docs/api-reference/responses/create, "input". */
function plainItem(item: Body): Body {
	switch (item["type"]) {
		case "function_call":
			return { role: "assistant", tool_calls: [{ function: item }] };
		case "function_call_output":
			return { role: "tool", content: plainContent(item["output"]) };
		case "reasoning": {
			const texts = [...list(item["summary"]), ...list(item["content"])].map(({ text }) => text);
			return { role: "assistant", reasoning_content: texts.join("\n\n") };
		}
		default: {
			const role = item["role"] === "developer" ? "system" : item["role"];
			return { ...(role ? { role } : { role: item["type"] }), content: plainContent(item["content"]) };
		}
	}
}

function plainContent(content: unknown): unknown {
	if (!Array.isArray(content)) return content;
	return list(content).map((part) => {
		if (typeof part["text"] === "string") return { type: "text", text: part["text"] };
		return part["type"] === "input_image" ? { type: "image" } : part;
	});
}

/** Source: ai.google.dev/api/generate-content, "Content" and "Part". */
function plainGemini({ contents, systemInstruction, tools, generationConfig, ...rest }: Body): Body {
	const settings = Object.entries((generationConfig as Body | undefined) ?? {});
	return {
		...rest,
		...Object.fromEntries(settings.map(([name, value]) => [`generationConfig.${name}`, value])),
		...(systemInstruction !== undefined && { system: plainParts(systemInstruction as Body) }),
		...(tools !== undefined && { tools: list(tools).flatMap(plainTool) }),
		messages: list(contents).map((content) => ({
			role: content["role"] === "model" ? "assistant" : content["role"],
			content: plainParts(content),
		})),
	};
}

function plainTool(tool: Body): Body[] {
	const { functionDeclarations: functions } = tool;
	if (!Array.isArray(functions)) return [{ name: Object.keys(tool).join(", "), ...tool }];
	return list(functions).map(({ parametersJsonSchema, ...rest }) => {
		return parametersJsonSchema === undefined ? rest : { ...rest, parameters: parametersJsonSchema };
	});
}

function plainParts({ parts }: Body): Body[] {
	return list(parts).map((part) => {
		const [call, answer] = [part["functionCall"] as Body | undefined, part["functionResponse"] as Body | undefined];
		if (call) return { type: "tool_use", name: call["name"], input: call["args"] ?? {} };
		if (answer) return { type: "tool_result", content: answerText(answer["response"]) };
		if (part["inlineData"]) return { type: "image" };
		if (typeof part["text"] !== "string") return part;
		return part["thought"] === true
			? { type: "thinking", thinking: part["text"] }
			: { type: "text", text: part["text"] };
	});
}

function answerText(response: unknown): string {
	const { output, error } = (response ?? {}) as Body;
	const text = output ?? error;
	return typeof text === "string" ? text : JSON.stringify(response);
}

function list(value: unknown): Body[] {
	return Array.isArray(value) ? (value as Body[]) : [];
}
