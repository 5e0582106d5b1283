// Parsing a profile's YAML is the largest single cost of a start (40 ms), so the build parses the built-in ones:
// dist/profiles/NAME.json holds the values, and the line of every field for messages that name it.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

export async function compileProfiles(from, to) {
	await mkdir(to, { recursive: true });
	for (const file of await readdir(from)) {
		if (!file.endsWith(".yaml")) continue;
		const text = await readFile(new URL(file, from), "utf8");
		const counter = new LineCounter();
		const document = parseDocument(text, { lineCounter: counter });
		if (document.errors.length > 0) throw new Error(`profiles/${file}: ${document.errors[0].message}`);
		const lines = {};
		collectLines(document.contents, "", counter, lines);
		// Text inside the text: only a message asks for the lines, which are as long as the values.
		const compiled = JSON.stringify({ value: document.toJS(), lines: JSON.stringify(lines) });
		await writeFile(new URL(file.replace(/\.yaml$/, ".json"), to), compiled);
	}
}

function collectLines(node, path, counter, lines) {
	const step = (key, offset, child) => {
		const field = path === "" ? String(key) : `${path}.${key}`;
		lines[field] = counter.linePos(offset).line;
		collectLines(child, field, counter, lines);
	};
	if (isMap(node)) {
		for (const { key, value } of node.items) if (isScalar(key)) step(key.value, key.range[0], value);
	} else if (isSeq(node)) {
		for (const [index, item] of node.items.entries()) if (item?.range) step(index, item.range[0], item);
	}
}
