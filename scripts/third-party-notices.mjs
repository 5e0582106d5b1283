// Writes the licences of everything that is bundled into dist/, as those licences ask.
import { readdir, readFile, writeFile } from "node:fs/promises";

const root = new URL("../", import.meta.url);

/** What the files of a package do not say, or say without the text of the licence. */
const APACHE = "The text of the licence is in this file, at human-signals.";
const NOTES = {
	unpdf: `Contains pdf.js, Copyright Mozilla Foundation, Apache-2.0 (https://github.com/mozilla/pdf.js). ${APACHE}`,
	"@humanwhocodes/momoa": `Copyright Nicholas C. Zakas. ${APACHE}`,
	"proxy-agent-negotiate": "Copyright Nathan Rajlich. The text of the licence is in this file, at https-proxy-agent.",
};

/** `inputs`: the source files of the bundle, as esbuild's metafile lists them, relative to the root. */
export async function writeNotices(inputs, file) {
	const folders = new Set(inputs.map(packageFolder).filter(Boolean));
	const notices = await Promise.all([...folders].sort().map(noticeOf));
	const head = "cc-any contains the packages below. Each is under the licence that follows its name.\n";
	await writeFile(file, [head, ...notices].join(`\n${"-".repeat(80)}\n\n`));
}

/** `node_modules/a/node_modules/@b/c` of a file below it. */
const packageFolder = (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];

async function noticeOf(folder) {
	const at = new URL(`${folder}/`, root);
	const { name, version, license } = JSON.parse(await readFile(new URL("package.json", at), "utf8"));
	const files = (await readdir(at)).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file)).sort();
	if (files.length === 0 && !NOTES[name]) throw new Error(`${folder} has no licence file: write a note for it`);
	const texts = await Promise.all(files.map((file) => readFile(new URL(file, at), "utf8")));
	const parts = [`${name} ${version} (${license})`, NOTES[name] ?? [], ...texts].flat();
	return `${parts.map((part) => part.trim()).join("\n\n")}\n`;
}
