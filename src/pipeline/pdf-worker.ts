import { parentPort, workerData } from "node:worker_threads";
import { getDocumentProxy } from "unpdf";

/** Answers with the text of the PDF in `workerData`, or with why it cannot be read. */
export type PdfAnswer = { text: string } | { failure: string };

/** Where reading stops. What is read until then is used, and says what is missing. */
const MAX_PAGES = 1000;
const MAX_TEXT_CHARS = 400_000;
const MAX_READ_MS = 20_000;

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

parentPort?.postMessage(await answer(workerData as Uint8Array));

async function answer(bytes: Uint8Array): Promise<PdfAnswer> {
	try {
		// pdf.js prints warnings otherwise, and Claude Code owns the terminal.
		return { text: await textOf(await getDocumentProxy(bytes, { verbosity: 0 })) };
	} catch (error) {
		return { failure: error instanceof Error ? error.message : String(error) };
	}
}

async function textOf(document: PdfDocument): Promise<string> {
	const pages: string[] = [];
	const { numPages } = document;
	const startedAt = performance.now();
	const isEnough = (chars: number) => chars >= MAX_TEXT_CHARS || performance.now() - startedAt > MAX_READ_MS;
	for (let chars = 0; pages.length < Math.min(numPages, MAX_PAGES) && !isEnough(chars); ) {
		const page = await pageText(document, pages.length + 1);
		pages.push(page);
		chars += page.length;
	}
	const missing = pages.length < numPages ? `pages ${pages.length + 1} to ${numPages} were not read` : undefined;
	if (pages.every((page) => page === ""))
		return `[The PDF has ${numPages} pages without text: they are images, which this model cannot see${missing ? `; ${missing}` : ""}]`;
	const text = pages.map((page, index) => `--- page ${index + 1} of ${numPages} ---\n${page}`).join("\n\n");
	const longer = text.length - MAX_TEXT_CHARS;
	const cut = [...(longer > 0 ? [`${longer} more characters`] : []), ...(missing ? [missing] : [])];
	return cut.length > 0 ? `${text.slice(0, MAX_TEXT_CHARS)}\n[cut: ${cut.join("; ")}]` : text;
}

async function pageText(document: PdfDocument, number: number): Promise<string> {
	const page = await document.getPage(number);
	const { items } = await page.getTextContent();
	page.cleanup();
	const texts = items.map((item) => ("str" in item ? `${item.str}${item.hasEOL ? "\n" : ""}` : ""));
	return texts.join("").trim();
}
