#!/usr/bin/env node
// Stands in for claude: does what FAKE_CLAUDE (JSON) says, and reports what it saw as JSON to the file `report`.
import { spawn } from "node:child_process";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const plan = JSON.parse(process.env.FAKE_CLAUDE ?? "{}");
const seen = {
	pid: process.pid,
	parent: process.ppid,
	arguments: process.argv.slice(2),
	environment: process.env,
	directory: process.cwd(),
	signals: [],
	settings: settingsSeen(),
};

function settingsSeen() {
	const index = process.argv.indexOf("--settings");
	const path = process.argv[index + 1];
	if (index === -1 || path === undefined || path.startsWith("{")) return undefined;
	const mode = statSync(path).mode & 0o777;
	const folderMode = statSync(dirname(path)).mode & 0o777;
	return { path, text: readFileSync(path, "utf8"), mode, folderMode };
}

function report() {
	if (!plan.report) return;
	// Renamed, so that a waiting test never reads half a file.
	writeFileSync(`${plan.report}.part`, JSON.stringify(seen));
	renameSync(`${plan.report}.part`, plan.report);
}

/** Asks the proxy for something, so that a test knows that it served during the run. */
async function ask() {
	const headers = { authorization: `Bearer ${process.env.ANTHROPIC_AUTH_TOKEN}`, "content-type": "application/json" };
	const body = JSON.stringify(plan.ask);
	const url = `${process.env.ANTHROPIC_BASE_URL}/v1/messages`;
	const response = await fetch(url, { method: "POST", headers, body });
	seen.reply = { status: response.status, text: await response.text() };
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
	if (plan.handle?.[signal] === undefined && !plan.ignore?.includes(signal)) continue;
	process.on(signal, () => {
		seen.signals.push(signal);
		report();
		const code = plan.handle?.[signal];
		if (code !== undefined) process.exit(code);
	});
}

if (plan.background) {
	const script = "setTimeout(() => {}, 60000)";
	const child = spawn(process.execPath, ["-e", script], { stdio: "ignore", detached: true });
	child.unref();
	seen.background = child.pid;
}
if (plan.stdout) process.stdout.write(plan.stdout);
if (plan.readStdin) {
	seen.stdin = readFileSync(0, "utf8");
}
// Not at the top level, so that it can be a single executable (scripts/test-windows.mjs).
finish();

async function finish() {
	if (plan.ask) await ask();
	report();
	if (plan.die) process.kill(process.pid, plan.die);
	if (plan.wait) setTimeout(() => {}, plan.wait);
	else process.exitCode = plan.exit ?? 0;
}
