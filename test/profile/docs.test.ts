import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseSource } from "../../src/profile/documents/parse-source.ts";
import { validate } from "../../src/profile/documents/validate.ts";
import { keyVariables } from "../../src/profile/keys/key-reference.ts";
import { ConfigFileSchema, ProfileFileSchema } from "../../src/profile/model/schema.ts";
import { builtinNames, readBuiltin } from "../../src/profile/sources/builtin.ts";

const page = readFileSync(new URL("../../docs/profiles.md", import.meta.url), "utf8");

test("docs/profiles.md has a row for every built-in profile, with its aliases, dialects, keys and regions", async () => {
	const rows = page.split("\n").filter((line) => /^\| `.*\| (documented|\[verified\]\S+) +\|$/.test(line));
	const names = builtinNames();
	expect(rows).toHaveLength(names.length);
	for (const [index, name] of names.entries()) {
		const values = (await readBuiltin(name))?.values ?? {};
		const cells = (rows[index] ?? "").split("|").map((cell) => cell.trim());
		expect(cells[1]).toBe(`\`${name}\``);
		const quoted = (cell: string | undefined) => [...(cell ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1]);
		expect(quoted(cells[2])).toEqual(values.aliases ?? []);
		expect(cells[3]).toBe(values.title);
		if (values.unavailable) expect(cells[4]).toBe("not usable");
		else expect(cells[4]?.split(", ").sort()).toEqual(Object.keys(values.endpoints ?? {}).sort());
		if (!values.unavailable) expect(cells[4]?.split(", ")[0]).toBe(values.dialect);
		expect(quoted(cells[5])).toEqual(keyVariables(values.key));
		expect(quoted(cells[6])).toEqual(Object.keys(values.regions ?? {}));
	}
	expect(page).toContain(`${names.length} are built in`);
});

test("docs/profiles.md names every field, and its examples are valid", async () => {
	for (const field of Object.keys(ProfileFileSchema.entries)) expect(page).toContain(`\`${field}`);
	const examples = [...page.matchAll(/```(yaml|json)\n([\s\S]*?)```/g)];
	expect(examples).toHaveLength(4);
	for (const [, format, text = ""] of examples) {
		const isConfig = format === "json" || text.startsWith("profile:");
		const document = await parseSource(text, `example.${format}`);
		expect(() => validate(isConfig ? ConfigFileSchema : ProfileFileSchema, document)).not.toThrow();
	}
});
