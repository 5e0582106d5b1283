import type { Json } from "../../../protocol/messages.ts";
import { parseValidJson } from "../../damaged-json.ts";
import { findTool, type MarkupGrammar } from "../scanner/markup-grammar.ts";

const OPENERS = ["<|tool_call>", "<start_function_call>"];
const CLOSERS = ["<tool_call|>", "<end_function_call>"];
const QUOTES = ['<|"|>', "<escape>"];

/**
 * Gemma 4: `call:NAME{key:<|"|>text<|"|>,n:2}` between its own tokens; FunctionGemma: other tokens, and `<escape>` around
 * texts. Source: their chat templates, and vllm, functiongemma_tool_parser.py.
 */
export const gemma: MarkupGrammar = {
	name: "gemma",
	openers: OPENERS,
	controlTokens: ["<end_of_turn>", "<start_of_turn>model", "<turn|>"],
	*read(input, tools) {
		yield* input.oneOf(OPENERS);
		yield* input.space();
		if (!(yield* input.literal("call:"))) return undefined;
		const tool = findTool(yield* input.name(), tools);
		if (!tool) return undefined;
		const { text } = yield* input.until(CLOSERS);
		const value = new GemmaReader(text.trim()).whole();
		return value === undefined ? undefined : [{ name: tool.name, json: JSON.stringify(value) }];
	},
};

/** Reads an object with bare keys, and strings between quotes of its own. */
class GemmaReader {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	/** The object, if it is all of the text. */
	whole(): Json | undefined {
		if (!this.#take("{")) return undefined;
		const value = this.#object();
		return this.#at === this.#text.length ? value : undefined;
	}

	#value(): Json | undefined {
		const quote = this.#quote();
		if (quote !== undefined) return this.#upTo(quote);
		if (this.#take("{")) return this.#object();
		if (this.#take("[")) return this.#list();
		const literal = /"(?:[^"\\]|\\.)*"|[^,{}[\]]+/y;
		literal.lastIndex = this.#at;
		const found = literal.exec(this.#text)?.[0];
		if (found === undefined) return undefined;
		this.#at += found.length;
		const value = parseValidJson(found.trim());
		return value === undefined ? found.trim() : value;
	}

	#object(): Json | undefined {
		const entries: [string, Json][] = [];
		while (!this.#take("}")) {
			const key = this.#upTo(this.#quote() ?? ":");
			if (key === undefined) return undefined;
			if (this.#text[this.#at - 1] !== ":" && !this.#take(":")) return undefined;
			const value = this.#value();
			if (value === undefined) return undefined;
			entries.push([key.trim().replace(/^"(.*)"$/, "$1"), value]);
			if (!this.#take(",") && !this.#comes("}")) return undefined;
		}
		return Object.fromEntries(entries);
	}

	#list(): Json | undefined {
		const items: Json[] = [];
		while (!this.#take("]")) {
			const item = this.#value();
			if (item === undefined) return undefined;
			items.push(item);
			if (!this.#take(",") && !this.#comes("]")) return undefined;
		}
		return items;
	}

	/** The quote that comes next, read. */
	#quote(): string | undefined {
		return QUOTES.find((quote) => this.#take(quote));
	}

	#upTo(literal: string): string | undefined {
		const end = this.#text.indexOf(literal, this.#at);
		if (end < 0) return undefined;
		const text = this.#text.slice(this.#at, end);
		this.#at = end + literal.length;
		return text;
	}

	#comes(literal: string): boolean {
		while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
		return this.#text.startsWith(literal, this.#at);
	}

	#take(literal: string): boolean {
		const comes = this.#comes(literal);
		if (comes) this.#at += literal.length;
		return comes;
	}
}
