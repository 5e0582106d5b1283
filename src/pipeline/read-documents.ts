import { createHash } from "node:crypto";
import type { Note } from "../protocol/divergence.ts";
import type { ContentBlock, DocumentBlock, MessageParam, MessageRequest } from "../protocol/messages.ts";
import { pdfText } from "./pdf-text.ts";

/** Texts that are kept: a document stays in the conversation and comes again with every request. */
const MAX_TEXTS = 32;

/** Reads PDF documents for models that take text only. The same bytes give the same text, so prefixes stay stable. */
export class DocumentReader {
	readonly #texts = new Map<string, Promise<string>>();
	readonly #extract: (base64: string) => Promise<string>;
	/** Settles when the documents so far have been read: one after the other, for each may take the memory that one may. */
	#reading: Promise<unknown> = Promise.resolve();

	constructor(extract: (base64: string) => Promise<string> = pdfText) {
		this.#extract = extract;
	}

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
		const text = this.#reading.then(() => this.#extract(base64));
		this.#reading = text.catch(() => {});
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
