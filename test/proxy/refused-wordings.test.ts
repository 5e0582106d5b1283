import { describe, expect, test } from "vitest";
import { CODECS } from "../../src/dialects/index.ts";
import { encodeRequest } from "../../src/pipeline/build.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { factOf } from "../../src/proxy/learning/refusals.ts";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { counter, makeTarget } from "../support/fixture.ts";

/** Errors as servers and vendors write them, by what the refused part is. */
const WORDINGS: Readonly<Record<string, readonly string[]>> = {
	role: [
		'Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
		"System role not supported",
		"Developer instruction is not enabled for models/gemma-3-27b-it",
		"System messages are only allowed at the beginning",
		"System message must come first",
		"Only one system message is allowed",
		"Only user, assistant and tool roles are supported, with the exception of an initial optional system message!",
		"Invalid role: system",
		"Unsupported role: system",
		"role 'system' is not allowed here",
		"invalid message role: system",
		"Unknown role: system",
		"messages[3].role must be one of: user, assistant, tool",
		"The system role is not supported by this model",
		"This model doesn't support system messages. Try again without a system message or use a model that supports system messages.",
		'Error rendering prompt with jinja template: "Only user and assistant roles are supported!".',
		"invalid params, invalid chat setting (2013)",
		"invalid params, chat content has invalid message role: system (2013)",
	],
	empty: [
		"messages: text content blocks must be non-empty",
		"all messages must have non-empty content except for the optional final assistant message",
		"The content field is required and cannot be empty",
		"* GenerateContentRequest.contents[2].parts: contents.parts must not be empty.",
		"Unable to submit request because it must have a text parameter. Add a text parameter and try again.",
		"Invalid 'messages[3].content': empty string. Expected a string with minimum length 1, but got an empty string instead.",
		"Assistant message must have either content or tool_calls, but not none",
		"The text field in the ContentBlock object at messages.2.content.0 is blank. Add text to the text field, and try again.",
		"'messages.2.content' : minimum length is 1",
		"content cannot be blank",
		"messages[2].content: String should have at least 1 character",
		"message content is empty",
		"Invalid request content: Each message must have at least one content element.",
		"invalid request: message must be at least 1 token long or tool results must be specified.",
		"invalid request: all elements in history must have a message.",
		"All non-assistant messages must contain 'content'",
		"Assistant message must contain either 'content' or 'tool_calls'!",
		"The content field at messages.2.content.0.toolResult cannot be empty when status value is error.",
		"<400> InternalError.Algo.InvalidParameter: The content field is a required field.",
		"messages:输入不能为空",
		"invalid message content type: <nil>",
		"Param Incorrect: `text` is not set",
	],
	prefill: [
		"The last message of deepseek-reasoner must be a user message, or an assistant message with prefix mode on",
		"Last message must have role user",
		"Messages must end with a user role",
		"last message role must be 'user'",
		"Cannot set `add_generation_prompt` to True when the last message is from the assistant. Consider using `continue_final_message` instead.",
		"Please ensure that multiturn requests end with a user role or a function response",
		"assistant message cannot be the last message",
		"Assistant response prefill is incompatible with enable_thinking.",
		"the last message must not be from the assistant",
		"The final message must be from the user",
		"Cannot have 2 or more assistant messages at the end of the list.",
		"messages: final assistant content cannot end with trailing whitespace",
	],
	array: [
		"messages[1]: invalid type: sequence, expected a string at line 1 column 30",
		"Mismatch type string with value array at index 120",
		"json: cannot unmarshal array into Go struct field Message.messages.content of type string",
		"[{'a':1}] is not of type 'string' - 'messages.0.content'",
		"Cannot deserialize value of type `java.lang.String` from Array value (token `JsonToken.START_ARRAY`)",
		"content must be a string",
		"messages.0.content: expected string, received array",
		"expected type string for content but got array",
		"Invalid type for 'messages[0].content': expected a string, but got an array instead.",
		"Content must be text. Multimodal content is not supported",
		"The model expects a single `text` element per message.",
		"AiError: Bad input: Error: Type mismatch of '/messages/0/content', 'array' not in 'string'",
	],
	image: [
		"messages.0.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels",
		"Could not process image",
		"Image does not match the provided media type image/png",
		"messages.0.content.1.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
		"You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
		"The image data you provided does not represent a valid image. Please check your input and try again.",
		"The image length and width do not meet the model restrictions. [height:1 or width:1 must be larger than 10]",
		"cannot identify image file <_io.BytesIO object at 0x7f>",
		"Provided image is not valid.",
		"Failed to load image or audio file",
		"图片输入格式/解析错误",
		"At most 1 image(s) may be provided in one prompt.",
		"Too many images and documents: 101 + 0 > 100",
		"Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
	],
	"every image": [
		"No endpoints found that support image input",
		"model does not support images",
		"unknown variant `image_url`, expected `text`",
		"Image input is not supported for this model",
		"image_url is only supported by certain models",
		"Invalid content type. image_url is only supported by certain models.",
		"This model cannot process images",
		'model "claude-opus-4.6" not supported for vision',
		"Only text tool_result blocks are supported when tool_result.content is an array.",
		"The model is not a VLM (Vision Language Model). Please use text-only prompts.",
	],
	document: [
		"The parameter `messages.content.type` specified in the request are not valid: invalid value: `document`, supported values are: `text`, `thinking`, `image`, 'tool_use' and `tool_result`.",
		"Unknown part type: file",
		"Unsupported MIME type: application/pdf",
		"A maximum of 100 PDF pages may be provided.",
	],
	"tool count": ["'tools' : maximum number of items is 1", "At most 1 tools are supported."],
	"tool description": [
		"Invalid 'tools[0].function.description': string too long. Expected a string with maximum length 1024, but got a string with length 1200 instead.",
	],
	"tool id": [
		"Tool call id was call_49c89af0 but must be a-z, A-Z, 0-9, with a length of 9.",
		"Tool call id was _foez3f_0 but must be a-z, A-Z, 0-9, with a length of 9. Tool call id was _foez3f_0 but must be a-z, A-Z, 0-9, with a length of 9.",
	],
	"tool name in results": [
		"* GenerateContentRequest.contents[0].parts[0].function_response.name: Name cannot be empty.\n",
		"Jinja Exception: Invalid tool response: 'name' must be provided.",
		"tool messages must have a 'name' field",
	],
	"tool parser": [
		'"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
		'tool_choice="required" requires --tool-call-parser to be set',
		'tool_choice=function "T" requires --tool-call-parser to be set',
	],
	"forced tool": [
		"tool_choice 'specified' is incompatible with thinking enabled",
		"Thinking may not be enabled when tool_choice forces tool use.",
		"The tool_choice parameter does not support being set to required or object in thinking mode",
		"Forced function calling is not supported in thinking mode",
	],
	order: [
		"After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
		"After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).",
		"Unexpected role 'user' after role 'tool'",
		"deepseek-reasoner does not support successive user or assistant messages (messages[1] and messages[2] in your input). You should interleave the user/assistant messages in the message sequence.",
		"messages 中 user（tool） 和 assistant 角色需交替出现 (一问一答)，以 user 提问开始， user（tool）提问结束, tool 可以连续出现多次",
		"messages.2.content: Conversation blocks and tool result blocks cannot be provided in the same turn.",
		"A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.",
		"A conversation must start with a user message. Try again with a conversation that starts with a user message.",
	],
	"quoted tool": ["Invalid value for `T`: the definition of its parameters is not accepted here"],
	schema: [
		"Invalid schema for function 'T': In context=('properties', 'b'), array schema missing items.",
		"* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[b].items: missing field.",
		"* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[e].enum: only allowed for STRING type",
		"Invalid JSON payload received. Unknown name \"exclusiveMinimum\" at 'tools[0].function_declarations[0].parameters.properties[4].value': Cannot find field.",
		"tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level",
		"Unrecognized schema: true",
		"Error resolving ref #/$defs/s: not in {}",
		"invalid JSON schema for tool T, tools[0].function.parameters: `/properties/c`: Schema must have a 'type' or '$ref' or 'anyOf' or 'oneOf' or 'allOf' field",
		"Unsupported JSON schema fields: {'pattern'}",
		"Invalid schema for function 'T': 'minLength' is not supported",
		"tools.function.parameters is not a valid moonshot flavored json schema, details: <At path 'properties.f': when using oneOf, type should be defined in oneOf items>",
		"Invalid schema for function 'T': schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
		"Unable to submit request because `T` functionDeclaration `parameters.a` schema didn't specify the schema type field.",
		"JSON Schema not supported: could not understand the instance `{'required': ['criteria']}`.",
		"* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[d].pattern: only 'enum' and 'date-time' are supported for STRING type\n",
		"Proto field is not repeating, cannot start list. Invalid value at 'tools[0].function_declarations[0].parameters.properties[7].value.type'",
	],
};

const DONE: Readonly<Record<string, RegExp>> = {
	role: /^with later system messages in user turns$/,
	empty: /^with text in empty messages$/,
	prefill: /^with a user turn at the end$/,
	array: /^with text in place of lists of blocks$/,
	image: /^with a note in place of one image$/,
	"every image": /^with a note in place of each image$/,
	document: /^with the text of each document$/,
	"tool count": /^with at most 1 tools$/,
	"tool description": /^with descriptions of at most 1024 characters$/,
	"quoted tool": /^without the tool T$/,
	"tool id": /^with ids of nine letters and digits$/,
	"tool name in results": /^with the tool's name in each result$/,
	"tool parser": /^with tool_choice none; tool calls are read from the text$/,
	"forced tool": /^without tool_choice in this form$/,
	order: /^with user and assistant turns in alternation$/,
	schema: /^with other tool schemas \(/,
};

const image = (data: string) => ({
	type: "image" as const,
	source: { type: "base64" as const, media_type: "image/png", data },
});
/** A request that has everything that the messages are about. */
const REQUEST: MessageRequest = {
	model: "m",
	max_tokens: 100,
	tool_choice: { type: "tool", name: "T" },
	system: [{ type: "text", text: "S" }],
	tools: [
		{
			name: "T",
			description: "d",
			input_schema: {
				type: "object",
				$defs: { s: { type: "string" } },
				anyOf: [{ required: ["a"] }, { required: ["b"] }],
				properties: {
					a: { $ref: "#/$defs/s", description: "x" },
					b: { type: "array" },
					c: { description: "any" },
					d: { type: "string", pattern: "^x", minLength: 2, enum: ["x"] },
					e: { type: "integer", enum: [1], exclusiveMinimum: 0 },
					f: { oneOf: [{ type: "string" }], type: "string" },
					g: true,
					h: { type: ["string", "null"] },
				},
			},
		},
	],
	messages: [
		{
			role: "user",
			content: [
				{ type: "text", text: "q" },
				image("AAAAAA"),
				image("BB"),
				{ type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } },
			],
		},
		{ role: "assistant", content: [{ type: "tool_use", id: "t1", name: "T", input: {} }] },
		{ role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "" }] },
		{ role: "system", content: "L" },
		{ role: "assistant", content: [{ type: "text", text: "I" }] },
	],
};

describe.each(Object.entries(WORDINGS))("%s", (kind, messages) => {
	test.each(messages)("%s", async (message) => {
		const dialect = CODECS["openai-chat"];
		const target = makeTarget("openai-chat", {
			quirks: { laterSystem: "system", schemaRemove: [], documents: "file" },
		});
		const context = { dialect, target, mintId: counter(), note: () => {} };
		const { outgoing } = encodeRequest(REQUEST, context, []);
		const failure = classifyFailure({ status: 400, headers: {}, body: JSON.stringify({ error: { message } }) });
		expect(["bad-request", "unsupported-parameter"]).toContain(failure.class);
		expect(factOf(failure, target, { ...outgoing, requestChars: 1 })?.done).toMatch(DONE[kind] ?? /^$/);
	});
});

test.each([
	["ids that are not found", "invalid params, tool result's tool id(call_function_g094w5htkglv_1) not found (2013)"],
	["content beside calls", "Assistant message must have either content or tool_calls, but not both."],
	[
		"a model for images",
		"The model grok-imagine-image-quality is an image model and is therefore not available on this endpoint. Please use a compatible endpoint such as https://api.x.ai/v1/images/generations.",
	],
	[
		"a history without results",
		"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.",
	],
	["a template that fails", "Value is not callable: null at row 49, column 79:\n {%- set content = message.content %}"],
])("no other form of the request would help: %s", async (_kind, message) => {
	const dialect = CODECS["openai-chat"];
	const target = makeTarget("openai-chat");
	const { outgoing } = encodeRequest(REQUEST, { dialect, target, mintId: counter(), note: () => {} }, []);
	const failure = classifyFailure({ status: 400, headers: {}, body: JSON.stringify({ error: { message } }) });
	expect(factOf(failure, target, { ...outgoing, requestChars: 1 })).toBeUndefined();
});
