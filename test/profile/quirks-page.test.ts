import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseSync } from "oxc-parser";
import type * as v from "valibot";
import { expect, test } from "vitest";
import { DEFAULT_QUIRKS, QuirksSchema } from "../../src/profile/model/quirks.ts";

const SOURCE = new URL("../../src/profile/model/quirks.ts", import.meta.url);
const PAGE = new URL("../../docs/quirks.md", import.meta.url);
/** What precedes the list, which is generated. */
const HEAD = /^[\s\S]*?(?=^## )/m;

/** `"a"` or `"b"`, true or false, a number, text. */
function valuesOf(schema: v.GenericSchema): string {
	if ("wrapped" in schema) return valuesOf(schema.wrapped as v.GenericSchema);
	if ("options" in schema && schema.type === "picklist") {
		return (schema.options as string[]).map((value) => `\`${value}\``).join(", ");
	}
	if (schema.type === "array" && "item" in schema) return `a list of ${valuesOf(schema.item as v.GenericSchema)}`;
	return KINDS[schema.type] ?? schema.type;
}

const KINDS: Readonly<Record<string, string>> = {
	boolean: "`true` or `false`",
	number: "a number",
	string: "text",
	record: "fields with values",
	tuple: "two numbers",
	union: "`all` or a list of text",
	strict_object: "changes (`path`, and `replace`, `minimum` or `maximum`)",
};

/** The list, in the order of the source: its section comments are the headings, its docstrings the meanings. */
function list(): string {
	const source = readFileSync(SOURCE, "utf8");
	const start = source.indexOf("export const QuirksSchema");
	const { comments } = parseSync("quirks.ts", source);
	return comments
		.filter((comment) => comment.start > start)
		.map(({ type, value, end }) => {
			if (type === "Line") return `\n## ${value.replace(/^ --- ./, (text) => text.slice(-1).toUpperCase())}\n\n`;
			const [, name = ""] = /^\s*(\w+):/.exec(source.slice(end)) ?? [];
			const schema = Reflect.get(QuirksSchema.entries, name) as v.GenericSchema | undefined;
			if (schema === undefined) return "";
			const byDefault = JSON.stringify(Reflect.get(DEFAULT_QUIRKS, name));
			const facts = byDefault === undefined ? valuesOf(schema) : `${valuesOf(schema)}; default \`${byDefault}\``;
			const meaning = value
				.replace(/\s*\n\s*\*? ?/g, " ")
				.replace(/^\* ?/, "")
				.trim();
			return `- **\`${name}\`** (${facts}): ${meaning}\n`;
		})
		.join("");
}

test("docs/quirks.md lists every quirk with its values, default and meaning", () => {
	const before = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
	const generated = (HEAD.exec(before)?.[0] ?? "") + list().trimStart();
	for (const name of Object.keys(QuirksSchema.entries)) expect(generated).toContain(`**\`${name}\`**`);
	if (process.env["UPDATE_DOCS"] === "1") writeFileSync(PAGE, generated);
	else expect(before, "out of date: `npm run docs` writes it").toBe(generated);
});
