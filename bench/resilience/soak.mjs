// An hour of mixed faults: eight clients and one poisonous request, directly and through cc-any, both at the same time.
//   npm run bench -- soak [--minutes 60] [--json FILE] [--docs]
// `--docs` writes bench/resilience/soak.json and the table in docs/resilience.md. Light on the processor.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { soak } from "./soak-cell.mjs";
import { soakTableOf, withTable } from "./table.mjs";
import { trial } from "./trial.mjs";

const { values: options } = parseArgs({
	options: { minutes: { type: "string", default: "60" }, json: { type: "string" }, docs: { type: "boolean" } },
});
const MINUTE_MS = 60_000;
/** Idle connections are closed after this time: what is open after it has leaked. */
const DRAIN_MS = 20_000;

const minutes = Number(options.minutes);
const cell = soak(minutes * 60);
const samples = [];
const [direct, ccAny] = await Promise.all(["direct", "cc-any"].map((arm) => trial(arm, cell, "soak", watch)));
const results = { node: process.version, date: new Date().toISOString().slice(0, 10), minutes, direct, ccAny, samples };
const json = `${JSON.stringify(results, null, "\t")}\n`;
if (options.json) writeFileSync(options.json, json);
if (options.docs) {
	writeFileSync(new URL("soak.json", import.meta.url), json);
	const page = fileURLToPath(new URL("../../docs/resilience.md", import.meta.url));
	writeFileSync(page, withTable(readFileSync(page, "utf8"), "soak", soakTableOf(results)));
}
console.log(soakTableOf(results));

/** Samples the process once a minute, and once more when it has been idle for a while. */
function watch(child) {
	const add = async (more) => {
		samples.push({ minute: samples.length + 1, ...(await vitals(child)), ...more });
		console.error(JSON.stringify(samples.at(-1)));
	};
	const timer = setInterval(add, MINUTE_MS);
	return async () => {
		clearInterval(timer);
		await delay(DRAIN_MS);
		await add({ isIdle: true });
	};
}

/** Memory in MB, open files, sockets and handles of the process. */
async function vitals(child) {
	child.send("report");
	const { rss, heapUsed, handles } = await new Promise((resolve) => child.once("message", resolve));
	const folder = `/proc/${child.pid}/fd`;
	const links = readdirSync(folder).map((name) => linkOf(`${folder}/${name}`));
	const sockets = links.filter((link) => link.startsWith("socket:")).length;
	return { rssMB: mb(rss), heapMB: mb(heapUsed), files: links.length, sockets, handles };
}

function linkOf(path) {
	try {
		return readlinkSync(path);
	} catch {
		// It was closed since the folder was listed.
		return "";
	}
}

function mb(bytes) {
	return Math.round(bytes / 2 ** 20);
}
