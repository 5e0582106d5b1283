import { extractText, getDocumentProxy } from "unpdf";
import { describe, expect, test, vi } from "vitest";
import { DocumentReader } from "../../src/pipeline/read-documents.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { smallPdf } from "../support/small-pdf.ts";

// The real engine, whose calls are counted.
vi.mock("unpdf", { spy: true });

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
		const reader = new DocumentReader();
		const readNumber = (number: number) => reader.read(requestOf(document(smallPdf(`number ${number}`))), () => {});
		const calls = vi.mocked(getDocumentProxy).mock.calls;
		const before = calls.length;
		for (let number = 1; number <= 32; number++) await readNumber(number);
		for (let number = 1; number <= 32; number++) await readNumber(number);
		expect(calls.length - before).toBe(32);
		await readNumber(33);
		await readNumber(2);
		expect(calls.length - before).toBe(33);
		await readNumber(1);
		expect(calls.length - before).toBe(34);
	});

	test("a long text is cut after 400,000 characters, and says how much is missing", async () => {
		vi.mocked(extractText).mockResolvedValueOnce({ totalPages: 1, text: ["x".repeat(400_000)] } as never);
		const { blocks } = await read(requestOf(document(smallPdf("long"))));
		const { data } = blocks[0]?.source ?? { data: "" };
		const heading = "--- page 1 of 1 ---\n".length;
		expect(data).toContain(`\n[cut: ${heading} more characters]`);
		expect(data.indexOf("\n[cut")).toBe(400_000);
	});
});
