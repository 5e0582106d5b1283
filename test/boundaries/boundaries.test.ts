import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const source = join(root, "src");

/** The rooms, from the roof down: an import may only point to the same room or to one further down. */
const ROOMS = [
	"cli",
	"launch",
	"proxy",
	"check",
	"trace",
	"pipeline",
	"repairs",
	"dialects",
	"demo",
	"upstream",
	"profile",
	"protocol",
	"platform",
];

/** Rooms that know nothing of each other, though one is above the other. */
const STRANGERS: readonly (readonly [string, string])[] = [
	["launch", "proxy"],
	["launch", "dialects"],
	["trace", "proxy"],
];

/** The folders of profile/, from the top: they import downwards too. */
const PROFILE_FOLDERS = ["resolve", "report.ts", "sources", "keys", "model", "documents"];

/** The layers inside `repairs/`, from the top. Its files outside these folders are at the bottom. */
const REPAIR_LAYERS = [
	/^repairs\/index\.ts$/,
	/^repairs\/(request|response|loops)\//,
	/^repairs\/tool-input\//,
	/^repairs\/markup\/index\.ts$/,
	/^repairs\/markup\/grammars\//,
	/^repairs\/markup\/scanner\//,
	/^repairs\//,
];

const FORBIDDEN_NAMES = /(^|[-/])(utils?|helpers?|common|shared|manager|service)([-./]|$)/;

interface SourceFile {
	/** Path below src, with forward slashes. */
	path: string;
	text: string;
	imports: { specifier: string; typeOnly: boolean }[];
}

function readSource(): SourceFile[] {
	return readdirSync(source, { recursive: true, encoding: "utf8" })
		.filter((path) => path.endsWith(".ts"))
		.map((path) => {
			const text = readFileSync(join(source, path), "utf8");
			const statements = text.matchAll(/(?:^|\n)(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"/g);
			const dynamic = text.matchAll(/import\("([^"]+)"\)/g);
			return {
				path: path.split(sep).join("/"),
				text,
				imports: [
					...[...statements].map((match) => ({ specifier: match[2] ?? "", typeOnly: match[1] !== undefined })),
					...[...dynamic].map((match) => ({ specifier: match[1] ?? "", typeOnly: false })),
				],
			};
		});
}

const files = readSource();
const roomOf = (path: string) => path.split("/")[0] ?? "";

/** Every import of a file of ours by another, as paths below src. */
const edges = files.flatMap((file) =>
	file.imports
		.filter(({ specifier }) => specifier.startsWith(".") && specifier.endsWith(".ts"))
		.map(({ specifier }) => ({
			from: file.path,
			to: relative(source, resolve(dirname(join(source, file.path)), specifier))
				.split(sep)
				.join("/"),
		})),
);

describe("boundaries", () => {
	test("the reader sees the imports it judges", () => {
		expect(edges).toContainEqual({ from: "proxy/attempt.ts", to: "protocol/stage.ts" });
		expect(edges.length).toBeGreaterThan(40);
	});

	test("every file is in one of the rooms", () => {
		expect([...new Set(files.map((file) => roomOf(file.path)))].filter((room) => !ROOMS.includes(room))).toEqual([]);
	});

	test("imports point down", () => {
		const upwards = edges.filter(({ from, to }) => ROOMS.indexOf(roomOf(to)) < ROOMS.indexOf(roomOf(from)));
		expect(upwards).toEqual([]);
	});

	test("imports point down inside profile/", () => {
		const floorOf = (path: string) => PROFILE_FOLDERS.indexOf(path.split("/")[1] ?? "");
		const inside = edges.filter(({ from, to }) => roomOf(from) === "profile" && roomOf(to) === "profile");
		expect(inside.filter(({ from, to }) => floorOf(from) === -1 || floorOf(to) < floorOf(from))).toEqual([]);
		expect(inside.length).toBeGreaterThan(40);
	});

	test("only cli/ui/fail.ts prints an error", () => {
		const printers = files.filter((file) => /style\.error\("error|console\.(error|warn|log)/.test(file.text));
		expect(printers.map((file) => file.path)).toEqual(["cli/ui/fail.ts"]);
	});

	test("what reaches the terminal passes cli/ui/output.ts; the completion scripts are our own text", () => {
		const writers = files.filter((file) => /process\.std(out|err)\.write\(/.test(file.text)).map((file) => file.path);
		expect(writers.sort()).toEqual(["cli/commands/completion/completion.ts", "cli/ui/output.ts"]);
	});

	test("imports point down inside repairs, and its folders at the top know nothing of each other", () => {
		const layerOf = (path: string) => REPAIR_LAYERS.findIndex((layer) => layer.test(path));
		const folderOf = (path: string) => path.split("/").slice(0, 2).join("/");
		const inside = edges.filter(({ from, to }) => from.startsWith("repairs/") && to.startsWith("repairs/"));
		const wrong = inside.filter(({ from, to }) => {
			const isTop = layerOf(from) === 1 && layerOf(to) === 1;
			return layerOf(to) < layerOf(from) || (isTop && folderOf(from) !== folderOf(to));
		});
		expect(wrong).toEqual([]);
	});

	test.each(STRANGERS)("%s knows nothing of %s", (room, stranger) => {
		expect(edges.filter(({ from, to }) => roomOf(from) === room && roomOf(to) === stranger)).toEqual([]);
	});

	test("only the line, the count beside it and the probe of an address know both send and the dialects", () => {
		const both = files
			.filter((file) => roomOf(file.path) === "proxy")
			.filter(
				(file) => /from "(\.\.\/)+upstream\/http\/send/.test(file.text) && /from "(\.\.\/)+dialects\//.test(file.text),
			);
		expect(both.map((file) => file.path)).toEqual([
			"proxy/attempt.ts",
			"proxy/count-tokens.ts",
			"proxy/delivery/nearby-address.ts",
		]);
	});

	test("a vendor's SDK is a type, never a runtime import", () => {
		const isSdk = (specifier: string) => /^(@anthropic-ai|@google|openai)(\/|$)/.test(specifier);
		const values = files.filter((file) =>
			file.imports.some(({ specifier, typeOnly }) => isSdk(specifier) && !typeOnly),
		);
		expect(values.map((file) => file.path)).toEqual([]);
	});

	test("chalk is imported by cli/ui/style.ts alone", () => {
		const importers = files.filter((file) => file.imports.some(({ specifier }) => specifier === "chalk"));
		expect(importers.map((file) => file.path)).toEqual(["cli/ui/style.ts"]);
	});

	test("no file or folder hides behind a name that says nothing", () => {
		expect(files.map((file) => file.path).filter((path) => FORBIDDEN_NAMES.test(path))).toEqual([]);
	});

	test("no empty catch (any is Biome's to refuse)", () => {
		const offenders = files.filter((file) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(file.text));
		expect(offenders.map((file) => file.path)).toEqual([]);
	});

	test("no file is longer than 250 lines", () => {
		const long = files.filter((file) => file.text.split("\n").length > 251);
		expect(long.map((file) => `${file.path}: ${file.text.split("\n").length - 1} lines`)).toEqual([]);
	});

	test("no provider is known by name in the code", () => {
		const byName = files.filter((file) =>
			/\b(model|profile|provider|target)\w*(\.(?!disabledRepairs)\w+)?\.(includes|startsWith|endsWith|match)\("(?!claude|anthropic|mcp__)/.test(
				file.text,
			),
		);
		expect(byName.map((file) => file.path)).toEqual([]);
	});
});
