import { createHash } from "node:crypto";
import type { Note } from "../protocol/divergence.ts";
import type { ContentBlock, DocumentBlock, MessageParam, MessageRequest } from "../protocol/messages.ts";

/** Texts that are kept: a document stays in the conversation and comes again with every request. */
const MAX_TEXTS = 32;

/** Longest text of one document; the text says how much was cut. */
const MAX_TEXT_CHARS = 400_000;

/** Reads PDF documents for models that take text only. The same bytes give the same text, so prefixes stay stable. */
export class DocumentReader {
	readonly #texts = new Map<string, Promise<string>>();

	/** The request with every PDF as a text document; the same object when it holds none. */
	async read(request: MessageRequest, note: Note): Promise<MessageRequest> {
		if (!request.messages.some(hasPdf)) return request;
		const messages = await Promise.all(
			request.messages.map(async (message, index) => {
				if (!hasPdf(message) || typeof message.content === "string") return message;
				const where = `request.messages[${index}]`;
				return { ...message, content: await this.#readBlocks(message.content, where, note) };
			}),
		);
		return { ...request, messages };
	}

	#readBlocks(blocks: ContentBlock[], where: string, note: Note): Promise<ContentBlock[]> {
		return Promise.all(
			blocks.map(async (block) => {
				if (isPdf(block)) return this.#readDocument(block, where, note);
				if (block.type !== "tool_result" || !Array.isArray(block.content)) return block;
				return { ...block, content: await this.#readBlocks(block.content, where, note) };
			}),
		);
	}

	async #readDocument(block: PdfBlock, where: string, note: Note): Promise<ContentBlock> {
		const { data } = block.source;
		try {
			const text = await this.#textOf(data);
			note({ kind: "pdf-text", where, seen: "a PDF document", done: `sent as ${text.length} characters of text` });
			return { ...block, source: { type: "text", media_type: "text/plain", data: text } };
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			note({
				kind: "pdf-text",
				where,
				seen: `a PDF document: ${reason}`,
				done: "sent as a note that it is unreadable",
			});
			const text = `[The PDF document could not be read: ${reason}]`;
			return { ...block, source: { type: "text", media_type: "text/plain", data: text } };
		}
	}

	#textOf(base64: string): Promise<string> {
		const key = createHash("sha256").update(base64).digest("base64");
		const known = this.#texts.get(key);
		if (known) return known;
		const text = extractText(base64);
		this.#texts.set(key, text);
		const oldest = this.#texts.keys().next().value;
		if (this.#texts.size > MAX_TEXTS && oldest !== undefined) this.#texts.delete(oldest);
		return text;
	}
}

type PdfBlock = DocumentBlock & { source: { type: "base64"; media_type: string; data: string } };

function isPdf(block: ContentBlock): block is PdfBlock {
	if (block.type !== "document") return false;
	const { source } = block;
	return source.type === "base64" && source.media_type === "application/pdf";
}

function hasPdf(message: MessageParam): boolean {
	if (typeof message.content === "string") return false;
	return message.content.some((block) => {
		if (isPdf(block)) return true;
		return block.type === "tool_result" && Array.isArray(block.content) && block.content.some(isPdf);
	});
}

async function extractText(base64: string): Promise<string> {
	const pages = await extractPages(Buffer.from(base64, "base64"));
	const text = pages.map((page, index) => `--- page ${index + 1} of ${pages.length} ---\n${page.trim()}`).join("\n\n");
	if (pages.every((page) => page.trim() === "")) {
		return `[The PDF has ${pages.length} pages without text: they are images, which this model cannot see]`;
	}
	if (text.length <= MAX_TEXT_CHARS) return text;
	return `${text.slice(0, MAX_TEXT_CHARS)}\n[cut: ${text.length - MAX_TEXT_CHARS} more characters]`;
}

async function extractPages(bytes: Buffer): Promise<string[]> {
	// Loaded only when a PDF comes: the engine is large.
	const pdf = await import("unpdf");
	// pdf.js prints warnings otherwise, and Claude Code owns the terminal.
	const document = await pdf.getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
	const { text } = await pdf.extractText(document, { mergePages: false });
	return text;
}
