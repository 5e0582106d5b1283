// Parsing a profile's YAML is the largest single cost of a start (40 ms), so the build parses the built-in ones:
// dist/profiles/NAME.json holds the values, and the line of every field for messages that name it.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

export async function compileProfiles(from, to) {
	await mkdir(to, { recursive: true });
	const catalogue = JSON.parse(await readFile(new URL("catalogue.json", from), "utf8"));
	for (const file of await readdir(from)) {
		if (!file.endsWith(".yaml")) continue;
		const text = await readFile(new URL(file, from), "utf8");
		const compiled = compileProfile(text, `profiles/${file}`, catalogue);
		await writeFile(new URL(file.replace(/\.yaml$/, ".json"), to), JSON.stringify(compiled));
	}
}

function compileProfile(text, name, { providers, source, date }) {
	const counter = new LineCounter();
	const document = parseDocument(text, { lineCounter: counter });
	if (document.errors.length > 0) throw new Error(`${name}: ${document.errors[0].message}`);
	const lines = {};
	collectLines(document, document.contents, "", counter, lines);
	const value = document.toJS();
	for (const group of [value, ...Object.values(value.regions ?? {})]) fillIn(group, providers, name);
	// Text inside the text: only a message asks for the lines, which are as long as the values.
	return { value, lines: JSON.stringify(lines), catalogue: `${source}, ${date}` };
}

/** Replaces `catalogue: PROVIDER` by what the catalogue says of the models that are listed; the profile has precedence. */
function fillIn(group, providers, name) {
	const { catalogue, models } = group;
	if (catalogue === undefined) return;
	delete group.catalogue;
	const facts = providers[catalogue];
	if (!facts)
		throw new Error(`${name}: profiles/catalogue.json has no provider ${catalogue}; npm run catalogue adds it`);
	for (const id of Object.keys(models)) models[id] = { ...facts[id], ...models[id] };
}

function collectLines(document, written, path, counter, lines) {
	const node = isAlias(written) ? written.resolve(document) : written;
	const step = (key, offset, child) => {
		const field = path === "" ? String(key) : `${path}.${key}`;
		lines[field] = counter.linePos(offset).line;
		collectLines(document, child, field, counter, lines);
	};
	if (isMap(node)) {
		for (const { key, value } of node.items) if (isScalar(key)) step(key.value, key.range[0], value);
	} else if (isSeq(node)) {
		for (const [index, item] of node.items.entries()) if (item?.range) step(index, item.range[0], item);
	}
}
