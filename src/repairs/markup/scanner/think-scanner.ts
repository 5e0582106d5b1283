import { LiteralSet } from "./literals.ts";
import { MarkdownContext } from "./markdown-context.ts";

/** Tags around reasoning. Those that look like HTML also occur in prose, and count only at the beginning of a line. */
const PAIRS: readonly { open: string; close: string; isHtmlLike?: boolean }[] = [
	{ open: "<think>", close: "</think>", isHtmlLike: true },
	{ open: "<thinking>", close: "</thinking>", isHtmlLike: true },
	{ open: "[THINK]", close: "[/THINK]" }, // Mistral
	{ open: "<|channel>thought", close: "<channel|>" }, // Gemma 4
	{ open: "<|channel|>analysis<|message|>", close: "<|end|>" }, // gpt-oss
	{ open: "<|open|>think<|sep|>", close: "<|close|>think<|sep|>" }, // Kimi K3
	{ open: "◁think▷", close: "◁/think▷" }, // Kimi VL
	{ open: "<seed:think>", close: "</seed:think>" }, // Seed-OSS
	{ open: "<ifm|think>", close: "</ifm|think>" }, // K2 Horizon
	{ open: "<|START_THINKING|>", close: "<|END_THINKING|>" }, // Cohere Command
	{ open: "<|inner_prefix|>", close: "<|inner_suffix|>" }, // Apertus
	{ open: "<|plamo:begin_think:plamo|>", close: "<|plamo:end_think:plamo|>" }, // PLaMo 3
];
const TAGS = new LiteralSet(PAIRS.flatMap(({ open, close }) => [open, close]));
/** Without the opening tag, `<|end|>` may end any message: it is a control token then. */
const LONE_CLOSERS = new Set(PAIRS.map(({ close }) => close).filter((close) => close !== "<|end|>"));

/** What a piece of text is, in order. `text` of a thinking part is what is shown of it. */
export type ThinkPart =
	| { kind: "text"; length: number }
	| { kind: "thinking"; length: number; text: string }
	| { kind: "open" | "close" | "lone"; length: number; tag: string };

/** Separates reasoning from text in text that arrives in pieces. The result does not depend on the pieces. */
export class ThinkScanner {
	#held = "";
	#context = new MarkdownContext();
	/** The closing tag, set while inside reasoning. */
	#closer: string | undefined;
	/** The line break after the opening tag, and the one before the closing tag, belong to the tags. */
	#isAfterOpener = false;
	#lineBreak = "";

	constructor(isPrefilled: boolean) {
		if (isPrefilled) this.#closer = PAIRS[0]?.close;
	}

	/** True: all of it is text, and nothing is held back. True for nearly every delta. */
	skim(text: string): boolean {
		if (this.#held !== "" || this.#closer !== undefined || TAGS.mayBeginIn(text)) return false;
		this.#context.push(text);
		return true;
	}

	push(text: string): ThinkPart[] {
		if (this.skim(text)) return [{ kind: "text", length: text.length }];
		this.#held += text;
		return this.#scan(false);
	}

	end(): ThinkPart[] {
		return this.#scan(true);
	}

	#scan(isOver: boolean): ThinkPart[] {
		const parts: ThinkPart[] = [];
		while (this.#held !== "") {
			const hasMore = this.#closer === undefined ? this.#scanText(parts, isOver) : this.#scanThinking(parts, isOver);
			if (!hasMore) break;
		}
		return parts;
	}

	/** False: more text is needed. */
	#scanText(parts: ThinkPart[], isOver: boolean): boolean {
		const match = TAGS.pattern.exec(this.#held);
		if (!match) {
			this.#takeText(parts, this.#held.length - (isOver ? 0 : TAGS.partialLength(this.#held)));
			return false;
		}
		if (match.index > 0) {
			this.#takeText(parts, match.index);
			return true;
		}
		const tag = match[0];
		const next = this.#held[tag.length];
		// The next character decides whether this is a tag or only mentioned.
		if (next === undefined && !isOver) return false;
		const kind = this.#kindOf(tag, next);
		if (kind === "text") {
			this.#takeText(parts, tag.length);
			return true;
		}
		this.#held = this.#held.slice(tag.length);
		parts.push({ kind, length: tag.length, tag });
		if (kind === "open") {
			this.#closer = PAIRS.find(({ open }) => open === tag)?.close;
			this.#isAfterOpener = true;
		}
		return true;
	}

	#kindOf(tag: string, next: string | undefined): "open" | "lone" | "text" {
		const pair = PAIRS.find(({ open, close }) => open === tag || close === tag);
		const isLine = this.#context.isLineStart && (next === undefined || next === "\n");
		if (this.#context.skipsOpener()) return "text";
		if (pair?.open === tag) return !pair.isHtmlLike || this.#context.isBlank || isLine ? "open" : "text";
		if (!LONE_CLOSERS.has(tag)) return "text";
		return !pair?.isHtmlLike || next === undefined || next === "\n" ? "lone" : "text";
	}

	#scanThinking(parts: ThinkPart[], isOver: boolean): boolean {
		const closer = this.#closer ?? "";
		const at = this.#held.indexOf(closer);
		const length = at >= 0 ? at : this.#held.length - (isOver ? 0 : new LiteralSet([closer]).partialLength(this.#held));
		if (length > 0) {
			parts.push({ kind: "thinking", length, text: this.#unframed(this.#held.slice(0, length)) });
			this.#held = this.#held.slice(length);
		}
		if (at < 0) return false;
		this.#held = this.#held.slice(closer.length);
		parts.push({ kind: "close", length: closer.length, tag: closer });
		this.#closer = undefined;
		this.#lineBreak = "";
		this.#context = new MarkdownContext();
		return true;
	}

	#unframed(text: string): string {
		const inner = this.#isAfterOpener ? text.replace(/^\n/, "") : text;
		this.#isAfterOpener = false;
		const whole = this.#lineBreak + inner;
		this.#lineBreak = whole.endsWith("\n") ? "\n" : "";
		return this.#lineBreak === "" ? whole : whole.slice(0, -1);
	}

	#takeText(parts: ThinkPart[], length: number): void {
		if (length === 0) return;
		this.#context.push(this.#held.slice(0, length));
		this.#held = this.#held.slice(length);
		const last = parts.at(-1);
		if (last?.kind === "text") last.length += length;
		else parts.push({ kind: "text", length });
	}
}
