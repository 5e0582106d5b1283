// Starts what is measured as a process of its own, and reads what it costs from /proc.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = (name) => join(root, "bench/proxy", name);

/** All response repairs and smoothing, for a run without them. */
const REPAIRS = [
	...["think-tags", "duplicated-reasoning", "stop-sequences", "leaked-tool-calls", "tool-input", "missing-parameters"],
	...["control-tokens", "empty-turn", "missing-usage", "smoothing"],
];

/** What can be measured, by name. */
export const TARGETS = {
	pipe: (upstream) => [process.execPath, [here("pipe.mjs"), upstream]],
	"cc-any messages": (upstream, folder) => ccAny(folder, "anthropic", upstream),
	"cc-any chat": (upstream, folder) => ccAny(folder, "openai-chat", `${upstream}/v1`),
	"cc-any chat, no repairs": (upstream, folder) => ccAny(folder, "openai-chat", `${upstream}/v1`, REPAIRS),
	"cc-any chat, full trace": (upstream, folder) => ccAny(folder, "openai-chat", `${upstream}/v1`, [], ["--trace"]),
};

function ccAny(folder, dialect, baseUrl, disabledRepairs = [], options = []) {
	const profile = join(folder, `${dialect}-${disabledRepairs.length}.yaml`);
	const models = Object.fromEntries(["small", "fast", "paced"].map((id) => [id, { contextWindow: 2_000_000 }]));
	const text = {
		key: "sk-bench-key",
		model: "small",
		dialect,
		endpoints: { [dialect]: { baseUrl } },
		disabledRepairs,
		models,
	};
	writeFileSync(profile, JSON.stringify(text));
	return [process.execPath, [join(root, "bin/cc-any.js"), "serve", "--profile", profile, "--json", ...options]];
}

/** Starts one target and waits until it accepts requests. */
export async function startTarget(name, upstream, folder) {
	const [file, args] = TARGETS[name](upstream, folder);
	const began = performance.now();
	const env = { HOME: folder, PATH: process.env.PATH };
	const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "inherit"] });
	const lines = createInterface({ input: child.stdout });
	const { value } = await lines[Symbol.asyncIterator]().next();
	return { name, ...JSON.parse(value), child, ready: performance.now() - began };
}

/** Starts the upstream; resolves with its address. */
export async function startUpstream() {
	const child = spawn(process.execPath, [here("upstream.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
	const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
	return { url: value, child };
}

/** Milliseconds of processor time that a process has used; the kernel counts in steps of ten. */
export function cpu({ child }) {
	const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory now and at its peak, in MB. */
export function memory({ child }) {
	const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
	const read = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024);
	return { now: read("VmRSS"), peak: read("VmHWM") };
}
