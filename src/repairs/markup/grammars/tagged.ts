import { callsOfText, readJsonCalls } from "../scanner/json-call.ts";
import type { MarkupCall, MarkupGrammar, ToolTable } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";
import { beginsPythonCall, readPythonCalls } from "../scanner/python-calls.ts";

/** Some models put a fence between the tags and the call. */
const FENCES = ["```json", "```python", "```"];

/** Calls between an opening and a closing tag, in JSON or in Python. The closing tag may be missing. */
function taggedCalls(
	tags: readonly (readonly [open: string, close: string])[],
	about: Pick<MarkupGrammar, "name" | "wholeMessage" | "controlTokens">,
): MarkupGrammar {
	const openers = tags.map(([open]) => open);
	const closers = [...new Set(tags.map(([, close]) => close))];
	function* begin(input: MarkupInput): Reading<void> {
		input.rewind();
		yield* input.oneOf(openers);
		yield* input.space();
		if (yield* input.oneOf(FENCES)) yield* input.space();
	}
	return {
		...about,
		openers,
		closers,
		*read(input, tools) {
			yield* begin(input);
			const isJson = yield* beginsJson(input);
			yield* begin(input);
			if (isJson) {
				const calls = yield* readJsonSequence(input, tools);
				if (calls) return calls;
				yield* begin(input);
				const { text, found } = yield* input.until(closers);
				return found === "" ? undefined : callsOfText(text, tools);
			}
			if (!(yield* beginsPythonCall(input, tools))) return undefined;
			yield* begin(input);
			return yield* readPythonCalls(input, tools, [...closers, "\n```"]);
		},
	};
}

function* beginsJson(input: MarkupInput): Reading<boolean> {
	if ((yield* input.peek()) === "{") return true;
	if (!(yield* input.literal("["))) return false;
	yield* input.space();
	return (yield* input.peek()) === "{";
}

/** Reads JSON calls, one after the other. What follows and is no call stays unread. */
function* readJsonSequence(input: MarkupInput, tools: ToolTable): Reading<MarkupCall[] | undefined> {
	const calls = yield* readJsonCalls(input, tools);
	while (calls && (yield* input.comes(["{"]))) {
		const before = input.length;
		yield* input.space();
		const more = yield* readJsonCalls(input, tools);
		if (!more) {
			input.unread(input.length - before);
			break;
		}
		calls.push(...more);
	}
	if (calls && (yield* input.comes(["```"]))) {
		yield* input.space();
		yield* input.literal("```");
	}
	return calls;
}

/** Qwen2.5, Qwen3, Hermes, ERNIE 4.5, MiMo, Granite 4. Source: sglang, qwen25_detector.py and hermes_detector.py. */
export const hermes = taggedCalls([["<tool_call>", "</tool_call>"]], {
	name: "hermes",
	// ChatML, which Qwen and Hermes use
	controlTokens: ["<|endoftext|>", "<|im_end|>", "<|im_start|>assistant", "<|im_start|>"],
});

/** Each from the vendor's chat template, or from the server's parser that is named beside it. */
export const tagged = taggedCalls(
	[
		["<|tool_call|>", "<|/tool_call|>"], // Granite 3, Phi-4: vllm, granite_tool_parser.py and Phi-4-mini's chat template
		["<function_call>", "</function_call>"], // Granite 20B: vllm, granite_20b_fc_tool_parser.py
		["<tool_calls>", "</tool_calls>"], // Jamba, Hunyuan A13B, MiniMax M1, Apriel: vllm, jamba_tool_parser.py
		["<TOOLCALL>", "</TOOLCALL>"], // Nemotron: NVIDIA-Nemotron-Nano-9B-v2, nemotron_toolcall_parser_no_streaming.py
		["<|START_ACTION|>", "<|END_ACTION|>"], // Cohere Command: sglang, cohere_command4_detector.py
		["<|action_start|><|plugin|>", "<|action_end|>"], // InternLM: sglang, internlm_detector.py
		["<|action_start|> <|plugin|>", "<|action_end|>"],
		["<|tools_prefix|>", "<|tools_suffix|>"], // Apertus: sglang, apertus2509_detector.py
		["<|tool_call_start|>", "<|tool_call_end|>"], // LFM2, MiniCPM 3: sglang, lfm2_detector.py
		["<function_calls>", "</function_calls>"], // OLMo 3: vllm, olmo3_tool_parser.py
		["<|python_start|>", "<|python_end|>"], // Llama 4: its chat template
		["<tool_code>", "</tool_code>"], // Gemini, without its fence
		["<dots_function_call>", "</dots_function_call>"], // dots: sglang, dots_detector.py
		["<|content_invoke_tool_json|>", "<|end_message|>"], // Inkling: sglang, inkling_detector.py
		["<|function_call|>", "</s>"], // GigaChat 3.1: vllm, gigachat3_tool_parser.py
		["<|message_sep|>\n\nfunction call<|role_sep|>", "<|message_sep|>"], // GigaChat 3
		["<|im_start|>assistant -> tool/function_call", "<|im_end|>"], // HyperCLOVA X SEED Think: its vLLM parser
		["[unused11]", "[unused12]"], // openPangu: vllm-ascend, pangu_tool_parser.py
		["<tools>", "</tools>"], // Qwen2.5-Coder: QwenLM/Qwen2.5-Coder#180
		["<functioncall>", "</functioncall>"], // Glaive's data set
		["<tool>", "</tool>"],
		["<function>", "</function>"],
	],
	{
		name: "tagged",
		controlTokens: [
			...["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>", "<|END_OF_TURN_TOKEN|>"], // Cohere
			...["<|end_message|>", "<|content_text|>", "<|message_model|>"], // Inkling
			...["<|message_sep|>", "<|assistant_end|>"], // GigaChat, Apertus
		],
	},
);

/** Openers that are words: they count only at the beginning of the message. */
export const taggedMessage = taggedCalls(
	[
		["functools", "<|end|>"], // Phi-4-mini: vllm, phi4mini_tool_parser.py
		["function call<|role_sep|>", "<|message_sep|>"], // GigaChat 3: sglang, gigachat3_detector.py
		["-> tool/function_call", "<|im_end|>"], // HyperCLOVA X SEED Think: its vLLM parser
	],
	{ name: "tagged-message", wholeMessage: true },
);
