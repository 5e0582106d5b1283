import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Divergence } from "../../src/protocol/divergence.ts";
import { RULES, ruleOf } from "../../src/trace/explain/rules/index.ts";
import { STAGES } from "../../src/trace/explain/rules/rule.ts";
import { loadFixtures } from "../support/fixture.ts";

const source = join(import.meta.dirname, "../../src");

function filesOf(rooms: readonly string[]): string[] {
	return rooms.flatMap((room) =>
		readdirSync(join(source, room), { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(".ts"))
			.map((name) => readFileSync(join(source, room, name), "utf8")),
	);
}

/** Kinds that stand in the code as text, in the rooms that record divergences. */
function kindsInCode(): string[] {
	const files = filesOf(["protocol", "dialects", "repairs", "pipeline", "proxy"]);
	const shapes = [
		/\bkind: "([a-z-]+)",\s*(?:\n\s*)?(?:where|done)/g,
		/note\(\s*"([a-z-]+)"/g,
		/note\(\s*`\$\{kind\}(-[a-z-]+)`/g,
		/limited\("([a-z_]+)"/g,
	];
	const found = files.flatMap((text) =>
		shapes.flatMap((shape) => [...text.matchAll(shape)].map((match) => match[1] ?? "")),
	);
	return [...new Set(found.flatMap(spellOut))].sort();
}

/** `limited` makes a kind of a field's name; `${kind}-after-tool-call` stands for two. */
function spellOut(kind: string): string[] {
	if (kind.startsWith("-")) return [`text${kind}`, `thinking${kind}`];
	return [kind.replace("_", "-")];
}

test("the reader sees the kinds that it judges", () => {
	const kinds = kindsInCode();
	expect(kinds).toEqual(
		expect.arrayContaining([
			"retry",
			"model-mapped",
			"max-tokens",
			"stray-delta",
			"leaked-tool-call",
			"text-after-tool-call",
			"max-tokens-learned",
		]),
	);
	expect(kinds.length).toBeGreaterThan(45);
});

test("every kind that is recorded anywhere has a rule", () => {
	expect(kindsInCode().filter((kind) => !ruleOf(kind))).toEqual([]);
});

test("a rule says what was expected and who says so", () => {
	for (const [kind, rule] of Object.entries(RULES)) {
		expect(STAGES, kind).toContain(rule.stage);
		expect(rule.expected.length, kind).toBeGreaterThan(8);
		expect(rule.source.length, kind).toBeGreaterThan(8);
	}
});

test("a block type that is not known yet has a rule, an unknown kind has none", () => {
	expect(ruleOf("hologram-block")?.stage).toBe("encode");
	expect(ruleOf("never-heard-of")).toBeUndefined();
});

test("kinds that quote the conversation are kept out of the light record", () => {
	const quoting = filesOf(["protocol", "dialects"]).flatMap((text) =>
		[...text.matchAll(/note\("([a-z-]+)", (?:excerpt|JSON\.stringify)\(/g)].map((match) => match[1] ?? ""),
	);
	expect(quoting).toContain("stray-delta");
	expect(quoting.filter((kind) => !ruleOf(kind)?.quotes)).toEqual([]);
});

test("every divergence of every fixture has a rule, of a stage on its side of the wire", () => {
	const sides = [
		["request divergences", ["route", "request repair", "encode"]],
		["divergences", ["decode", "response repair", "grammar"]],
	] as const;
	const wrong = loadFixtures().flatMap(({ name, goldens }) =>
		sides.flatMap(([title, stages]) => {
			const found = goldens.lines(title) as Divergence[];
			const isWrong = ({ kind }: Divergence) => !(stages as readonly string[]).includes(ruleOf(kind)?.stage ?? "none");
			return found.filter(isWrong).map(({ kind }) => `${name}: ${kind}`);
		}),
	);
	expect(wrong).toEqual([]);
});
