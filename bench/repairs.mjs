// What all response repairs cost on a clean stream, per delta of four characters. Run: node bench/repairs.mjs
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(root, "node_modules/.bench-"));
const entry = join(folder, "entry.ts");
const outfile = join(folder, "entry.mjs");
const source = (name) => JSON.stringify(join(root, "src", name));
writeFileSync(
	entry,
	`export { responseRepairs } from ${source("repairs/index.ts")};
export { chain, sink } from ${source("protocol/stage.ts")};
export { DEFAULT_QUIRKS } from ${source("profile/model/quirks.ts")};`,
);
await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
const { responseRepairs, chain, sink, DEFAULT_QUIRKS } = await import(pathToFileURL(outfile).href);
rmSync(folder, { recursive: true });

const sentence = "The quick brown fox `jumps` over the lazy dog. It is a <b>bold</b> claim [1], isn't it?\n";
const deltas = sentence.repeat(4000).match(/[\s\S]{1,4}/g);
const schema = { type: "object", properties: { command: { type: "string" } } };
const context = {
	request: { model: "m", messages: [], tools: [{ name: "Bash", input_schema: schema }], stop_sequences: ["</block>"] },
	target: { quirks: DEFAULT_QUIRKS, disabledRepairs: [] },
	mintId: (prefix) => prefix,
	note: (divergence) => console.log("a clean stream was repaired:", divergence),
	isCommitted: () => true,
};

function events() {
	const usage = { input_tokens: 1, output_tokens: 1 };
	const delta = { stop_reason: "end_turn", stop_sequence: null };
	return [
		{ type: "message_start", message: { id: "m", usage, content: [] } },
		{ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
		...deltas.map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
		{ type: "content_block_stop", index: 0 },
		{ type: "message_delta", delta, usage },
		{ type: "message_stop" },
	];
}

function cost(repairs) {
	const runs = Array.from({ length: 7 }, () => {
		const line = chain(repairs.map((repair) => repair.stage(context)))(sink(() => {}));
		const input = events();
		const start = performance.now();
		for (const event of input) line.push(event);
		line.end();
		return performance.now() - start;
	});
	return ((Math.min(...runs) * 1000) / deltas.length).toFixed(2);
}

for (const repair of responseRepairs) console.log(`${repair.name.padEnd(20)} ${cost([repair])} µs`);
console.log(`${"all".padEnd(20)} ${cost(responseRepairs)} µs per delta`);
