// Starts each target as a process and reads its CPU time and memory from /proc (Linux).
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Starts one target and waits until it accepts requests. */
export async function startTarget(name, command, place) {
	const [file, args, env = {}] = command(place);
	const began = performance.now();
	const environment = { HOME: place.folder, PATH: process.env.PATH, ...env };
	const child = spawn(file, args, { env: environment, stdio: ["ignore", "pipe", "inherit"] });
	const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
	return { name, ...JSON.parse(value), child, ready: performance.now() - began };
}

/** Starts the upstream; resolves with its address. */
export async function startUpstream() {
	const file = fileURLToPath(new URL("upstream.mjs", import.meta.url));
	const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
	const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
	return { url: value, child };
}

/** CPU time of all threads of a process, in milliseconds. */
export function cpu({ child }) {
	let nanoseconds = 0;
	for (const thread of readdirSync(`/proc/${child.pid}/task`)) {
		nanoseconds += Number(readFileSync(`/proc/${child.pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
	}
	return nanoseconds / 1e6;
}

/** Resident memory now and at its peak, in MB. */
export function memory({ child }) {
	const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
	const read = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024;
	return { now: read("VmRSS"), peak: read("VmHWM") };
}
