import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODULES = `${ROOT}node_modules`;
const DOCS = `${ROOT}docs`;
/** Packages of permissive licences whose text is code, types, Markdown and JSON as people write them. */
const PACKAGES = [
	"commander",
	"https-proxy-agent",
	"eventsource-parser",
	"vitest",
	"valibot",
	"yaml",
	"execa",
	"jsonrepair",
	"chalk",
	"fast-check",
	"cosmiconfig",
];
const LARGEST_FILE = 200_000;

export interface CleanText {
	name: string;
	text: string;
}

/** Ordinary text in which nothing is a tool call: what an answer may hold, or show. At least 2 MB, always the same. */
export function cleanCorpus(): CleanText[] {
	const paths = PACKAGES.flatMap((name) => textFiles(`${MODULES}/${name}`, /\.(md|js|mjs|ts|mts|json)$/));
	return [...readTexts(paths), ...generated()];
}

/** Every text of every installed package and of our own pages, about 50 MB: too much to run more than one search over it. */
export function largeCorpus(): CleanText[] {
	const folders = [
		...readdirSync(MODULES)
			.filter((name) => !name.startsWith("."))
			.map((name) => `${MODULES}/${name}`),
		DOCS,
	];
	return readTexts(folders.flatMap((folder) => textFiles(folder, /\.(md|mdx|js|mjs|cjs|ts|mts|json|html|txt)$/)));
}

function readTexts(paths: readonly string[]): CleanText[] {
	return paths.map((path) => ({ name: path.slice(ROOT.length), text: readFileSync(path, "utf8") }));
}

function textFiles(folder: string, pattern: RegExp): string[] {
	return readdirSync(folder, { withFileTypes: true })
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.flatMap((entry) => {
			const path = `${folder}/${entry.name}`;
			if (entry.isDirectory()) return entry.name === "node_modules" ? [] : textFiles(path, pattern);
			const isText = pattern.test(entry.name);
			return isText && statSync(path).size < LARGEST_FILE ? [path] : [];
		});
}

/** Documents of many kinds, built from small parts by a generator of numbers with a fixed start. */
function generated(): CleanText[] {
	const random = numbers(20_261_125);
	const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
	const word = () => pick(WORDS);
	const sentence = () =>
		`${Array.from({ length: 6 + Math.floor(random() * 14) }, word).join(" ")}${pick([".", "!", "?", ";"])}`;
	return Object.entries(KINDS).flatMap(([kind, part]) =>
		Array.from({ length: 12 }, (_, number) => ({
			name: `generated ${kind} ${number}`,
			text: Array.from({ length: 120 }, () => part({ word, sentence, number: () => Math.floor(random() * 1000) })).join(
				"\n",
			),
		})),
	);
}

/** Mulberry32: small, and the same everywhere. */
function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

interface Parts {
	word: () => string;
	sentence: () => string;
	number: () => number;
}

const WORDS = (
	"the a of to in tool call function invoke parameter arguments name channel message think answer Read Bash file " +
	"list value type < > & && || <= => << >> [ ] { } ( ) `x` \"quoted\" 'single' naïve Größe 模型 調用 функция 👍 " +
	"a<b x>y f(x) a[i] obj.name call:stop <b> </b> <br/> &amp; 3.14 1e9 --flag $HOME user@host #tag @id | \\ / // :: ->"
).split(" ");

const KINDS: Record<string, (parts: Parts) => string> = {
	prose: ({ sentence }) => `${sentence()} ${sentence()}\n`,
	markdown: ({ word, sentence, number }) =>
		`## ${word()} ${number()}\n\n- ${sentence()}\n- [ ] ${sentence()}\n\n> ${sentence()}\n\n| ${word()} | ${word()} |\n|---|---|\n| ${number()} | \`${number()}\` |\n`,
	code: ({ number, sentence }) =>
		`\`\`\`ts\nexport function f${number()}<T extends Record<string, T>>(a: T[], b = ${number()}): T | undefined {\n\treturn a[b] ?? (a.length < b ? undefined : a.find((x) => x["name"] === "Bash"));\n}\n\`\`\`\n${sentence()}\n`,
	bareCode: ({ number, word }) =>
		`if (x < ${number()} && y > ${number()}) { call(${JSON.stringify(word())}, [${number()}], {"name": "x", "arguments": {}}); }`,
	xml: ({ number, word }) =>
		`<function name="f${number()}"><parameter name="${number()}">${number()}</parameter><arguments/></function><!-- ${number()} --><tool id="${number()}"/><![CDATA[${number()}]]>${word() === "" ? "" : ""}`,
	html: ({ sentence, number }) =>
		`<div class="tool-call" data-x='{"name":"Read"}'><think-box>${number()}</think-box><p>${sentence()}</p><a href="/?a=${number()}&b=1">x</a></div>`,
	json: ({ number, word }) =>
		`{"name": "item ${number()}", "parameters": {"a": [${number()}, null, true]}, "text": ${JSON.stringify(word())}}`,
	shell: ({ number }) =>
		`cat <<EOF > out.${number()} && [[ -f a ]] || echo "\${x}" 2>&1 | grep -E '<[a-z]+>' ; ls [a-z]*.{js,ts} \`pwd\``,
	python: ({ number, word }) =>
		`def f${number()}(a: list[int], *, b="x") -> dict[str, int]:\n    return {"name": a[0], 'k': ${number()}}  # ${word().replace("\n", "")}`,
	logs: ({ number, sentence }) =>
		`[2026-11-25T10:00:${number() % 60}Z] [INFO] <worker-${number()}> ${sentence()} [TOOL] [ARGS] [END]`,
};
