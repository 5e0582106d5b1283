// How a reply comes to an interactive Claude Code when the provider writes it in lumps: as written, and through cc-any.
//   npm run bench -- smoothness [--only WORD] [--json FILE] [--docs]
// `--docs` writes bench/smoothness/results.json and the table in docs/repairs.md. All streams run side by side: half a minute.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { withTable } from "../resilience/table.mjs";
import { chars, lagOf, motionOf, receive } from "./measure.mjs";
import { startProvider } from "./provider.mjs";
import { isMessages, STREAMS } from "./streams.mjs";
import { tableOf } from "./table.mjs";

const { values: options } = parseArgs({
	options: { only: { type: "string", default: "" }, json: { type: "string" }, docs: { type: "boolean" } },
});
const fileAt = (path) => fileURLToPath(new URL(path, import.meta.url));
const names = Object.keys(STREAMS).filter((name) => name.includes(options.only));
const written = names.map(() => ({ texts: [] }));
const provider = await startProvider(
	names.map((name) => STREAMS[name]),
	written,
);
const folder = mkdtempSync(join(tmpdir(), "cc-any-smoothness-"));
const proxy = await serve(provider.url);
const rows = await Promise.all(names.map(measure));
provider.server.closeAllConnections();
provider.server.close();
proxy.child.kill("SIGTERM");
rmSync(folder, { recursive: true, force: true });

const results = { node: process.version, date: new Date().toISOString().slice(0, 10), rows };
console.log(tableOf(results));
if (options.json) writeFileSync(options.json, JSON.stringify(results));
if (options.docs) {
	writeFileSync(fileAt("results.json"), `${JSON.stringify(results, undefined, "\t")}\n`);
	const docs = fileAt("../../docs/repairs.md");
	writeFileSync(docs, withTable(readFileSync(docs, "utf8"), "smoothness", tableOf(results)));
}

async function measure(name, index) {
	const received = await receive(proxy, String(index));
	const { texts, ended } = written[index];
	if (chars(received.texts) !== chars(texts)) throw new Error(`${name}: the text that arrived is not the one written`);
	return {
		name,
		provider: motionOf(texts),
		ccAny: motionOf(received.texts),
		lagMs: lagOf(texts, received.texts),
		endMs: received.ended - ended,
	};
}

async function serve(url) {
	const profile = join(folder, "lumps.yaml");
	const modelOf = (name) => ({ contextWindow: 200_000, dialect: isMessages(name) ? "anthropic" : "openai-chat" });
	const models = Object.fromEntries(names.map((name, index) => [String(index), modelOf(name)]));
	const endpoints = { "openai-chat": { baseUrl: `${url}/v1` }, anthropic: { baseUrl: url } };
	writeFileSync(profile, JSON.stringify({ key: "sk-bench-key", model: "0", models, endpoints }));
	const args = [fileAt("../../bin/cc-any.js"), "serve", "--profile", profile, "--json"];
	const env = { HOME: folder, PATH: process.env.PATH };
	const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
	process.once("exit", () => child.kill("SIGTERM"));
	const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
	return { ...JSON.parse(value), child };
}
