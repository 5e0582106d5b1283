const DSML_CLOSERS = ["｜DSML｜", "|DSML|", "｜DSML｜ ", "|DSML| "].flatMap((mark) =>
	["parameter", "invoke", "function_calls", "tool_calls", "calls"].map((tag) => `</${mark}${tag}>`),
);

const DEEPSEEK = ["begin▁of▁sentence", "end▁of▁sentence", "User", "Assistant"].concat(
	["calls", "call", "outputs", "output"].flatMap((part) => [`tool▁${part}▁begin`, `tool▁${part}▁end`]),
	["tool▁sep"],
);

/**
 * Tokens of chat templates that mean nothing in a text. Sources: quirks.md section 1; the orphan closing tags of DSML
 * are there because a model that finds one in its history imitates it.
 */
export const CONTROL_TOKENS: readonly string[] = [
	...DEEPSEEK.map((name) => `<｜${name}｜>`),
	...[
		"<|EOT|>",
		"<|endoftext|>",
		"<|im_end|>",
		"<|im_start|>assistant",
		"<|im_start|>",
		"<|im_system|>",
		"<|im_middle|>",
	],
	...["<|eot_id|>", "<|eom_id|>", "<|python_tag|>", "<|begin_of_text|>", "<|end_of_text|>"],
	"[e~[",
	"</minimax:tool_call>",
	...DSML_CLOSERS,
	...["<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "<|tool_call_end|>"],
	// Kimi K3's frames around the answer
	...["<|open|>response<|sep|>", "<|close|>response<|sep|>", "<|close|>message<|sep|>"],
	// Harmony
	...["<|start|>assistant", "<|channel|>final<|message|>", "<|channel|>commentary<|message|>"],
	...["<|end|>", "<|return|>", "<|call|>"],
	// Gemma
	...["<end_of_turn>", "<start_of_turn>model", "<turn|>"],
];

const FIRST = [...new Set(CONTROL_TOKENS.map((token) => token.charAt(0)))];

/** False for nearly every text, at the cost of a search for two characters. */
export function mayHoldControlToken(text: string): boolean {
	return FIRST.some((character) => text.includes(character));
}
