import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseSource } from "../../src/profile/documents/parse-source.ts";
import { validate } from "../../src/profile/documents/validate.ts";
import { ConfigFileSchema, ProfileFileSchema } from "../../src/profile/model/schema.ts";

const page = readFileSync(new URL("../../docs/profiles.md", import.meta.url), "utf8");

test("docs/profiles.md names every field, and its examples are valid", async () => {
	for (const field of Object.keys(ProfileFileSchema.entries)) expect(page).toContain(`\`${field}`);
	const examples = [...page.matchAll(/```(yaml|json)\n([\s\S]*?)```/g)];
	expect(examples).toHaveLength(5);
	for (const [, format, text = ""] of examples) {
		const isConfig = format === "json" || text.startsWith("profile:");
		const document = await parseSource(text, `example.${format}`);
		expect(() => validate(isConfig ? ConfigFileSchema : ProfileFileSchema, document)).not.toThrow();
	}
});
