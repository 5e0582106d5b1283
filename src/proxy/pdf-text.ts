import { extractText, getDocumentProxy } from "unpdf";

/** The text of each page. Its own file, because the PDF engine is large and rarely needed. */
export async function extractPages(bytes: Uint8Array): Promise<string[]> {
	// Nothing may be printed while Claude Code owns the terminal: pdf.js warns on the console otherwise.
	const document = await getDocumentProxy(bytes, { verbosity: 0 });
	const { text } = await extractText(document, { mergePages: false });
	return text;
}
