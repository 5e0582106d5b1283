/** A valid PDF with one line of text a page, as base64. */
export function smallPdf(...pages: string[]): string {
	const objects: string[] = [];
	const add = (body: string) => objects.push(body);
	const pageNumber = (index: number) => 4 + index * 2;
	add("<< /Type /Catalog /Pages 2 0 R >>");
	add(
		`<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, index) => `${pageNumber(index)} 0 R`).join(" ")}] >>`,
	);
	add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
	for (const [index, text] of pages.entries()) {
		const resources = "<< /Font << /F1 3 0 R >> >>";
		const contents = `${pageNumber(index) + 1} 0 R`;
		add(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources ${resources} /Contents ${contents} >>`);
		const stream = `BT /F1 12 Tf 20 100 Td (${text}) Tj ET`;
		add(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
	}
	let file = "%PDF-1.4\n";
	const offsets: number[] = [];
	for (const [index, body] of objects.entries()) {
		offsets.push(file.length);
		file += `${index + 1} 0 obj\n${body}\nendobj\n`;
	}
	const table = file.length;
	file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
	file += offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
	file += `trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
	return Buffer.from(file, "latin1").toString("base64");
}
