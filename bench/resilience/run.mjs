// Clients that retry as Claude Code does, at a provider that fails: directly and through cc-any, both at the same time.
//   npm run bench -- resilience [--runs 3] [--seconds 120] [--only WORD] [--json FILE] [--docs]
// `--docs` writes bench/resilience/results.json and the table in docs/resilience.md. Light on the processor; 7 minutes a run.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cellsFor } from "./cells.mjs";
import { tableOf, withTable } from "./table.mjs";
import { trial } from "./trial.mjs";

const { values: options } = parseArgs({
	options: {
		runs: { type: "string", default: "3" },
		seconds: { type: "string", default: "120" },
		only: { type: "string", default: "" },
		json: { type: "string" },
		docs: { type: "boolean" },
	},
});
const cells = cellsFor(Number(options.seconds)).filter(({ name }) => name.includes(options.only));
const measured = cells.map(({ name }) => ({ name, runs: [] }));
for (let run = 1; run <= Number(options.runs); run++) {
	// All cells of a group run at once: the clients mostly wait, and noise of the machine meets both arms alike.
	for (const group of ["random", "incidents", "mixtures"]) {
		await Promise.all(cells.map((cell, index) => cell.group === group && measure(cell, measured[index], run)));
	}
	console.error(`run ${run} of ${options.runs}`);
	save({
		node: process.version,
		date: new Date().toISOString().slice(0, 10),
		seconds: Number(options.seconds),
		cells: measured,
	});
}
console.log(tableOf({ cells: measured }));

async function measure(cell, { runs }, run) {
	const [direct, ccAny] = await Promise.all(["direct", "cc-any"].map((arm) => trial(arm, cell, `run ${run}`)));
	runs.push({ direct, ccAny });
}

/** After each run, so that a run that is interrupted loses only itself. */
function save(results) {
	if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, "\t")}\n`);
	if (!options.docs) return;
	writeFileSync(fileURLToPath(new URL("results.json", import.meta.url)), `${JSON.stringify(results, null, "\t")}\n`);
	const page = fileURLToPath(new URL("../../docs/resilience.md", import.meta.url));
	writeFileSync(page, withTable(readFileSync(page, "utf8"), "resilience", tableOf(results)));
}
