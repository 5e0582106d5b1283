// Writes docs/checks.md: a table of the reports in docs/checks, which `cc-any check NAME --json` made.
//
//   npm run checks-table [-- FOLDER FILE]

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder = "docs/checks", file = "docs/checks.md"] = process.argv.slice(2);
const TITLES = ["profile", "model", "endpoint", "checked", "cc-any", "runs", "grade", "repaired", "raw", "findings"];

const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
const reports = names.sort().flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
const rows = reports.map(({ profile, model, endpoint, startedAt, version, runs, score }) => [
	profile,
	model,
	endpoint,
	new Date(startedAt).toISOString().slice(0, 10),
	version,
	String(runs),
	score.grade,
	percent(score.repaired),
	percent(score.raw),
	score.findings.map((finding) => finding.name).join(", ") || "none",
]);
const lines = [TITLES, TITLES.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cellText).join(" | ")} |`);
const table = rows.length > 0 ? lines.join("\n") : "No report is kept yet.";
writeFileSync(
	file,
	`# Checked providers

Made by \`npm run checks-table\` from the reports in \`docs/checks\`. [How a check works](checking.md), and
[how to add a report](../CONTRIBUTING.md#verifying-a-profile).

${table}
`,
);

/** Rounded down, as reports show it: 99.9 % is not 100 %. */
function percent(share) {
	return `${Math.floor(share * 100 + 1e-9)} %`;
}

/** Foreign text in one cell: it adds no columns, lines or HTML. */
function cellText(text) {
	return text === "---" ? text : text.replace(/\s+/g, " ").replace(/[\\|`*_[\]<>]/g, "\\$&");
}
