// What the status line costs each time Claude Code draws it: the command in the setting, against a shell `echo`.
// node bench/status-line.mjs [RUNS]      prints milliseconds: median and 95th percentile of both, and the difference.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const RUNS = Number(process.argv[2] ?? 300);
const LINE = "deepseek/deepseek-v4-pro · 41k of 1.0M (4 %) · $0.41 · 75 % cached · 61 tokens/s · 1 repair";
const folder = mkdtempSync(join(tmpdir(), "cc-any-bench-"));
const file = join(folder, "status.txt");
writeFileSync(file, `${LINE}\n`);

/** As `statusLineSetting` in src/launch/status-line.ts writes them. */
const COMMANDS = {
	echo: `echo '${LINE}'`,
	"status line": `cat '${file}'`,
	"status line below a user's own": `printf '%s\\n' "$(\necho own\n)"\ncat '${file}'`,
};

const times = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, []]));
for (let run = -10; run < RUNS; run++) {
	for (const [name, command] of Object.entries(COMMANDS)) {
		const start = process.hrtime.bigint();
		const { stdout, status } = spawnSync("/bin/sh", ["-c", command], { input: "{}" });
		const taken = Number(process.hrtime.bigint() - start) / 1e6;
		if (status !== 0 || !stdout.toString().endsWith(`${LINE}\n`)) throw new Error(`${name} failed`);
		// The first runs do not count.
		if (run >= 0) times[name].push(taken);
	}
}
rmSync(folder, { recursive: true });

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const echo = times.echo.sort((one, other) => one - other);
for (const [name, all] of Object.entries(times)) {
	const sorted = all.sort((one, other) => one - other);
	const [median, slow] = [at(sorted, 0.5), at(sorted, 0.95)];
	const more = name === "echo" ? "" : `  ${(median - at(echo, 0.5)).toFixed(1)} ms more than echo`;
	console.log(`${name.padEnd(32)} median ${median.toFixed(1)} ms  p95 ${slow.toFixed(1)} ms${more}`);
}
