import { plainQuestion, user } from "../materials/conversation.ts";
import type { Probe } from "../probe.ts";
import { judgeText } from "../run/judge.ts";

/** A PNG of 64 × 64 pixels, all of them red (220, 20, 20). */
const RED_PNG =
	"iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAT0lEQVR42u3PQQkAAAgEsAtx/ZMZxgi+hcEKLNO+FgEBAQEBAQEBAQEB" +
	"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGBywKqxUDxqh7TUQAAAABJRU5ErkJggg==";

export const image: Probe = {
	name: "image",
	claim: "an image is seen",
	weight: 2,
	needs: "vision",
	async run(ask) {
		const source = { type: "base64" as const, media_type: "image/png", data: RED_PNG };
		const text = "Which colour fills this image? Answer with one word.";
		const answer = await ask(
			plainQuestion([
				user([
					{ type: "image", source },
					{ type: "text", text },
				]),
			]),
		);
		return judgeText(answer, /\bred\b/i);
	},
};

/** A PDF with one page and one line, as base64: the smallest that readers accept. Source: ISO 32000. */
function pdfOf(line: string): string {
	const stream = `BT /F1 18 Tf 40 100 Td (${line}) Tj ET`;
	const objects = [
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	].map((body, index) => `${index + 1} 0 obj\n${body}\nendobj\n`);
	let file = "%PDF-1.4\n";
	const entries = objects.map((object) => {
		const entry = `${String(file.length).padStart(10, "0")} 00000 n \n`;
		file += object;
		return entry;
	});
	const count = objects.length + 1;
	const table = `xref\n0 ${count}\n0000000000 65535 f \n${entries.join("")}trailer << /Size ${count} /Root 1 0 R >>\n`;
	return Buffer.from(`${file}${table}startxref\n${file.length}\n%%EOF\n`, "latin1").toString("base64");
}

export const pdf: Probe = {
	name: "pdf",
	claim: "the text of a PDF is read",
	weight: 1,
	async run(ask) {
		const data = pdfOf("The code word is marigold.");
		const source = { type: "base64" as const, media_type: "application/pdf", data };
		const text = "Which code word does the document name? Answer with the word alone.";
		const answer = await ask(
			plainQuestion([
				user([
					{ type: "document", source },
					{ type: "text", text },
				]),
			]),
		);
		return judgeText(answer, /marigold/i);
	},
};
