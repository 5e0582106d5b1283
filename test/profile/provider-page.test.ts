import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { keyVariables } from "../../src/profile/keys/key-reference.ts";
import type { ProfileFile } from "../../src/profile/model/schema.ts";
import { builtinNames, readBuiltin } from "../../src/profile/sources/builtin.ts";

const page = new URL("../../docs/providers.md", import.meta.url);
const README = new URL("../../README.md", import.meta.url);
/** What precedes the table, which is generated. */
const HEAD = /^[\s\S]*?(?=^\| name)/m;

const TITLES = ["name", "aliases", "provider", "dialects", "key", "regions", "status"];

function row(name: string, file: ProfileFile): string[] {
	const { aliases = [], title = "", endpoints = {}, dialect, regions = {}, status = "", unavailable } = file;
	const dialects = Object.keys(endpoints).sort((one, other) => Number(other === dialect) - Number(one === dialect));
	return [
		`\`${name}\``,
		aliases.map(quoted).join(", "),
		title,
		unavailable ? "not usable" : dialects.join(", "),
		keyText(file),
		Object.keys(regions).map(quoted).join(", "),
		status === "verified" ? `[verified](checks/${name}.json)` : status,
	];
}

function keyText({ key, keyOptional }: ProfileFile): string {
	const variables = keyVariables(key).map(quoted).join(" or ");
	if (variables === "") return "none";
	return keyOptional ? `${variables} (optional)` : variables;
}

function quoted(text: string): string {
	return `\`${text}\``;
}

/** A Markdown table whose columns line up, as the formatter wants it. */
function table(rows: readonly (readonly string[])[]): string {
	const widths = TITLES.map((_title, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
	const [titles = [], ...rest] = rows;
	return [line(titles), line(widths.map((width) => "-".repeat(width))), ...rest.map(line)].join("");
}

test("docs/providers.md has the table that profiles/ gives", async () => {
	const rows = [TITLES];
	for (const name of builtinNames()) rows.push(row(name, (await readBuiltin(name))?.values ?? {}));
	const before = existsSync(page) ? readFileSync(page, "utf8") : "";
	const generated = (HEAD.exec(before)?.[0] ?? "") + table(rows);
	if (process.env["UPDATE_DOCS"] === "1") writeFileSync(page, generated);
	else expect(before, "out of date: `npm run docs` writes it").toBe(generated);
});

test("README.md counts the profiles that can be used, without the demo", async () => {
	const files = await Promise.all(builtinNames().map(async (name) => (await readBuiltin(name))?.values));
	const usable = files.filter((file) => file?.name !== "demo" && !file?.unavailable).length;
	const readme = readFileSync(README, "utf8");
	const generated = readme.replace(/\d+ built-in profiles/, `${usable} built-in profiles`);
	if (process.env["UPDATE_DOCS"] === "1") writeFileSync(README, generated);
	else expect(readme, "out of date: `npm run docs` writes it").toBe(generated);
	expect(readme).toContain("built-in profiles");
});
