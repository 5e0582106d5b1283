import { Readable } from "node:stream";
import { createDeflate } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { DocumentReader } from "../../src/pipeline/read-documents.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { smallPdf } from "../support/small-pdf.ts";

const document = (data: string) => ({
	type: "document",
	source: { type: "base64", media_type: "application/pdf", data },
	title: "paper.pdf",
});
const requestOf = (...content: object[]): MessageRequest =>
	({ model: "m", messages: [{ role: "user", content }] }) as MessageRequest;

async function read(request: MessageRequest) {
	const notes: Divergence[] = [];
	const result = await new DocumentReader().read(request, (note) => notes.push(note));
	return { result, notes, blocks: result.messages[0]?.content as unknown as { source: { data: string } }[] };
}

describe("PDF documents as text", () => {
	test("the text of every page, in order, with its number", async () => {
		const { blocks, notes } = await read(requestOf(document(smallPdf("First page here", "Second page here"))));
		expect(blocks[0]).toMatchObject({ type: "document", title: "paper.pdf", source: { type: "text" } });
		const { data } = blocks[0]?.source ?? { data: "" };
		expect(data).toMatch(/page 1 of 2 ---\nFirst page here[\s\S]*page 2 of 2 ---\nSecond page here/);
		expect(notes).toMatchObject([{ kind: "pdf-text", where: "request.messages[0]" }]);
	});

	test("inside a tool result, too", async () => {
		const result = { type: "tool_result", tool_use_id: "t1", content: [document(smallPdf("Inner text"))] };
		const { result: request } = await read(requestOf(result));
		expect(JSON.stringify(request)).toContain("Inner text");
	});

	test("a damaged one becomes a note for the model, and does not fail the request", async () => {
		const { blocks, notes } = await read(requestOf(document(Buffer.from("no pdf").toString("base64"))));
		expect(blocks[0]?.source.data).toContain("could not be read");
		expect(notes[0]?.done).toContain("unreadable");
	});

	test("a document without text says so", async () => {
		const { blocks } = await read(requestOf(document(smallPdf(""))));
		expect(blocks[0]?.source.data).toContain("1 pages without text");
	});

	test("a request without a PDF is the same object", async () => {
		const request = requestOf({ type: "text", text: "hi" });
		expect((await read(request)).result).toBe(request);
	});

	test("a document that comes again is not read again, as long as it is among the last 32", async () => {
		const extract = vi.fn(async () => "text");
		const reader = new DocumentReader(extract);
		const readNumber = (number: number) => reader.read(requestOf(document(smallPdf(`number ${number}`))), () => {});
		const { calls } = extract.mock;
		for (let number = 1; number <= 32; number++) await readNumber(number);
		for (let number = 1; number <= 32; number++) await readNumber(number);
		expect(calls.length).toBe(32);
		await readNumber(33);
		await readNumber(2);
		expect(calls.length).toBe(33);
		await readNumber(1);
		expect(calls.length).toBe(34);
	});

	test("a long text is cut after 400,000 characters, and says how much is missing", async () => {
		const { blocks } = await read(requestOf(document(smallPdf(`) Tj /F1 0.001 Tf (${"x".repeat(400_000)}`, "next"))));
		const { data } = blocks[0]?.source ?? { data: "" };
		const heading = "--- page 1 of 2 ---\n".length;
		expect(data).toContain(`\n[cut: ${heading} more characters; pages 2 to 2 were not read]`);
		expect(data.indexOf("\n[cut")).toBe(400_000);
	});
});

describe("a PDF that takes more than it may", () => {
	/** How long this thread was blocked at most, in milliseconds. */
	async function longestPause(work: Promise<unknown>): Promise<number> {
		let [longest, last] = [0, performance.now()];
		const timer = setInterval(() => {
			longest = Math.max(longest, performance.now() - last);
			last = performance.now();
		}, 10);
		await work;
		clearInterval(timer);
		return longest;
	}

	test("20,000 pages: the first 1,000 are read, and nothing else waits", { timeout: 60_000 }, async () => {
		const pdf = smallPdf(...Array.from({ length: 20_000 }, (_, index) => `text ${index + 1}`));
		const reading = read(requestOf(document(pdf)));
		expect(await longestPause(reading)).toBeLessThan(1000);
		const data = (await reading).blocks[0]?.source.data ?? "";
		expect(data).toContain("--- page 7 of 20000 ---\ntext 7\n");
		expect(data).toMatch(/\[cut: pages \d+ to 20000 were not read\]$/);
	});

	test("one that unpacks to gigabytes becomes a note", { timeout: 90_000 }, async () => {
		const content = await compressed(Buffer.alloc(2 ** 20, "(x) Tj "), 1024);
		expect(content.length).toBeLessThan(8_000_000);
		const rss = process.memoryUsage.rss();
		const { blocks } = await read(requestOf(document(pdfWithStream(content))));
		expect(blocks[0]?.source.data).toMatch(/could not be read: (it takes|Worker terminated)/);
		expect(process.memoryUsage.rss() - rss).toBeLessThan(2 ** 31);
	});
});

/** A piece as often as `count`, compressed. */
async function compressed(piece: Buffer, count: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	const pieces = Readable.from(Array.from({ length: count }, () => piece));
	for await (const chunk of pieces.pipe(createDeflate({ level: 1 }))) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** A PDF of one page with this compressed content. */
function pdfWithStream(content: Buffer): string {
	const head = `%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Count 1 /Kids [3 0 R] >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R >>
endobj
4 0 obj
<< /Filter /FlateDecode /Length ${content.length} >>
stream
`;
	const end = "\nendstream\nendobj\ntrailer << /Size 5 /Root 1 0 R >>\n%%EOF\n";
	return Buffer.concat([Buffer.from(head), content, Buffer.from(end)]).toString("base64");
}
