import type { DialectName } from "../../src/profile/model/quirks.ts";

/** A turn that any provider may send, whatever its wire format. */
export interface Turn {
	thinking?: string;
	text?: string;
	calls?: readonly { name: string; input: object }[];
	end: "end" | "calls" | "limit" | "refused";
}

export interface WireFrame {
	event?: string;
	data: object | "[DONE]";
}

/** How a provider of each wire format sends a turn. */
export interface WireWriter {
	stream(turn: Turn): WireFrame[];
	json(turn: Turn): object;
}

export const TOKENS = { input: 120, output: 30 };
const MESSAGE_ID = "reply-0123456789abcdef";
const MODEL = "upstream-model";

/** The text in two pieces, cut inside a word. */
function halves(text: string): string[] {
	const half = Math.ceil(text.length / 2);
	return [text.slice(0, half), text.slice(half)];
}

const CHAT_ENDS = { end: "stop", calls: "tool_calls", limit: "length", refused: "content_filter" };
const CHAT_USAGE = { prompt_tokens: TOKENS.input, completion_tokens: TOKENS.output, total_tokens: 150 };

const chat: WireWriter = {
	stream({ thinking = "", text = "", calls = [], end }) {
		const chunk = (delta: object, finish_reason: string | null = null, more: object = {}): WireFrame => {
			const choices = [{ index: 0, delta, finish_reason }];
			return { data: { id: MESSAGE_ID, object: "chat.completion.chunk", created: 1, model: MODEL, choices, ...more } };
		};
		return [
			chunk({ role: "assistant", content: "" }),
			...halves(thinking).map((reasoning_content) => chunk({ reasoning_content })),
			...halves(text).map((content) => chunk({ content })),
			...calls.flatMap(({ name, input }, index) => [
				chunk({ tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name, arguments: "" } }] }),
				...halves(JSON.stringify(input)).map((json) =>
					chunk({ tool_calls: [{ index, function: { arguments: json } }] }),
				),
			]),
			chunk({}, CHAT_ENDS[end]),
			{ data: { id: MESSAGE_ID, object: "chat.completion.chunk", choices: [], usage: CHAT_USAGE } },
			{ data: "[DONE]" },
		];
	},
	json({ thinking, text, calls, end }) {
		const message = {
			role: "assistant",
			content: text ?? null,
			...(thinking !== undefined && { reasoning_content: thinking }),
			...(calls && {
				tool_calls: calls.map(({ name, input }, index) => {
					return { id: `call_${index}`, type: "function", function: { name, arguments: JSON.stringify(input) } };
				}),
			}),
		};
		const choices = [{ index: 0, message, finish_reason: CHAT_ENDS[end] }];
		return { id: MESSAGE_ID, object: "chat.completion", created: 1, model: MODEL, choices, usage: CHAT_USAGE };
	},
};

const MESSAGES_ENDS = { end: "end_turn", calls: "tool_use", limit: "max_tokens", refused: "refusal" };
const MESSAGES_USAGE = { input_tokens: TOKENS.input, output_tokens: TOKENS.output };

const messages: WireWriter = {
	stream(turn) {
		const content = messageBlocks(turn);
		const frame = (data: { type: string; [field: string]: unknown }): WireFrame => ({ event: data.type, data });
		const start = { ...(messages.json(turn) as object), content: [], stop_reason: null };
		return [
			frame({ type: "message_start", message: { ...start, usage: { ...MESSAGES_USAGE, output_tokens: 1 } } }),
			...content.flatMap(({ block, deltas }, index) => [
				frame({ type: "content_block_start", index, content_block: block }),
				...deltas.map((delta) => frame({ type: "content_block_delta", index, delta })),
				frame({ type: "content_block_stop", index }),
			]),
			frame({
				type: "message_delta",
				delta: { stop_reason: MESSAGES_ENDS[turn.end], stop_sequence: null },
				usage: { output_tokens: TOKENS.output },
			}),
			frame({ type: "message_stop" }),
		];
	},
	json(turn) {
		return {
			id: MESSAGE_ID,
			type: "message",
			role: "assistant",
			model: MODEL,
			content: messageBlocks(turn).map(({ whole }) => whole),
			stop_reason: MESSAGES_ENDS[turn.end],
			stop_sequence: null,
			usage: MESSAGES_USAGE,
		};
	},
};

function messageBlocks({ thinking, text, calls = [] }: Turn): { block: object; deltas: object[]; whole: object }[] {
	const signature_delta = { type: "signature_delta", signature: "c2ln" };
	return [
		...(thinking === undefined
			? []
			: [
					{
						block: { type: "thinking", thinking: "", signature: "" },
						deltas: [...halves(thinking).map((each) => ({ type: "thinking_delta", thinking: each })), signature_delta],
						whole: { type: "thinking", thinking, signature: "c2ln" },
					},
				]),
		...(text === undefined
			? []
			: [
					{
						block: { type: "text", text: "" },
						deltas: halves(text).map((each) => ({ type: "text_delta", text: each })),
						whole: { type: "text", text },
					},
				]),
		...calls.map(({ name, input }, index) => ({
			block: { type: "tool_use", id: `toolu_${index}`, name, input: {} },
			deltas: halves(JSON.stringify(input)).map((partial_json) => ({ type: "input_json_delta", partial_json })),
			whole: { type: "tool_use", id: `toolu_${index}`, name, input },
		})),
	];
}

const RESPONSES_USAGE = { input_tokens: TOKENS.input, output_tokens: TOKENS.output, total_tokens: 150 };

const responses: WireWriter = {
	stream(turn) {
		const response = responses.json(turn) as { output: { id: string; type: string }[]; status: string };
		let sequence_number = 0;
		const frame = (data: { type: string; [field: string]: unknown }): WireFrame => {
			return { event: data.type, data: { ...data, sequence_number: sequence_number++ } };
		};
		return [
			frame({ type: "response.created", response: { ...response, output: [], status: "in_progress", usage: null } }),
			...response.output.flatMap((item, output_index) => [
				frame({ type: "response.output_item.added", output_index, item: emptied(item) }),
				...itemDeltas(item).map((delta) => frame({ ...delta, output_index, item_id: item.id })),
				frame({ type: "response.output_item.done", output_index, item }),
			]),
			frame({ type: `response.${response.status}`, response }),
		];
	},
	json({ thinking, text, calls = [], end }) {
		const reasons = { limit: "max_output_tokens", refused: "content_filter" } as const;
		const reason = end === "limit" || end === "refused" ? reasons[end] : undefined;
		const content = [{ type: "output_text", text, annotations: [] }];
		const output = [
			...(thinking === undefined
				? []
				: [{ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: thinking }] }]),
			...(text === undefined ? [] : [{ type: "message", id: "msg_1", role: "assistant", content }]),
			...calls.map(({ name, input }, index) => {
				const call = { name, arguments: JSON.stringify(input) };
				return { type: "function_call", id: `fc_${index}`, call_id: `call_${index}`, ...call };
			}),
		];
		const incomplete_details = reason === undefined ? null : { reason };
		const status = reason === undefined ? "completed" : "incomplete";
		return {
			id: MESSAGE_ID,
			object: "response",
			model: MODEL,
			status,
			incomplete_details,
			output,
			usage: RESPONSES_USAGE,
		};
	},
};

function emptied(item: object): object {
	return { ...item, ...("summary" in item && { summary: [] }), ...("content" in item && { content: [] }) };
}

function itemDeltas(item: object): { type: string; [field: string]: unknown }[] {
	const {
		summary,
		content,
		arguments: json,
	} = item as Record<"summary" | "content", { text: string }[]> & { arguments?: string };
	const deltas = (type: string, text: string, more: object) => halves(text).map((delta) => ({ type, delta, ...more }));
	if (summary) return deltas("response.reasoning_summary_text.delta", summary[0]?.text ?? "", { summary_index: 0 });
	if (content) return deltas("response.output_text.delta", content[0]?.text ?? "", { content_index: 0 });
	return deltas("response.function_call_arguments.delta", json ?? "", {});
}

const GEMINI_ENDS = { end: "STOP", calls: "STOP", limit: "MAX_TOKENS", refused: "SAFETY" };
const GEMINI_USAGE = { promptTokenCount: TOKENS.input, candidatesTokenCount: TOKENS.output, totalTokenCount: 150 };

const gemini: WireWriter = {
	stream({ thinking = "", text = "", calls = [], end }) {
		const chunk = (parts: object[], more: object = {}, fields: object = {}): WireFrame => {
			const candidates = [{ index: 0, content: { role: "model", parts }, ...more }];
			return { data: { candidates, modelVersion: MODEL, responseId: MESSAGE_ID, ...fields } };
		};
		return [
			...halves(thinking).map((each) => chunk([{ text: each, thought: true }])),
			...halves(text).map((each) => chunk([{ text: each }])),
			...calls.map(({ name, input }) => chunk([{ functionCall: { name, args: input } }])),
			chunk([{ text: "" }], { finishReason: GEMINI_ENDS[end] }, { usageMetadata: GEMINI_USAGE }),
		];
	},
	json({ thinking, text, calls = [], end }) {
		const parts = [
			...(thinking === undefined ? [] : [{ text: thinking, thought: true }]),
			...(text === undefined ? [] : [{ text }]),
			...calls.map(({ name, input }) => ({ functionCall: { name, args: input } })),
		];
		const candidates = [{ index: 0, content: { role: "model", parts }, finishReason: GEMINI_ENDS[end] }];
		return { candidates, usageMetadata: GEMINI_USAGE, modelVersion: MODEL, responseId: MESSAGE_ID };
	},
};

export const WRITERS: Readonly<Record<DialectName, WireWriter>> = {
	"openai-chat": chat,
	"openai-responses": responses,
	gemini,
	anthropic: messages,
};

const CALLS = [
	{ name: "Bash", input: { command: "grep -n \"größe\" *.ts\necho '<a>' 🦊" } },
	{ name: "Read", input: { file_path: "/tmp/a b.ts", limit: 20 } },
];

/** A turn of each kind. */
export const SAMPLE_TURNS: readonly Turn[] = [
	{ text: "Größe 🦊: see `a.ts`.\n\nDone.", end: "end" },
	{ thinking: "They want the size.", text: "It is 4.", end: "end" },
	{ calls: CALLS.slice(0, 1), end: "calls" },
	{ thinking: "First I look.", text: "I look.", calls: CALLS, end: "calls" },
	{ text: "The first half of", end: "limit" },
	{ thinking: "Let me see. The", end: "limit" },
	{ text: "I can", end: "refused" },
];
