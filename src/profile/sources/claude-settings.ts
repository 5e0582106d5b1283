import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asObject, isObject, type JsonObject, tryParseJson } from "../../platform/json.ts";
import { claudeFolder, type Environment } from "../../platform/paths.ts";
import { EXIT, errorCode, UserError } from "../../platform/user-error.ts";
import { parseSource, type SourceDocument } from "../documents/parse-source.ts";
import { validate } from "../documents/validate.ts";
import { ModelOverrideSchema } from "../model/schema.ts";
import type { Layer } from "./layer.ts";
import type { ModelOverrides } from "./model-overrides.ts";

/** `settings.json` of Claude Code, in its config folder. */
export function claudeSettingsFile({ env, home }: Environment): string {
	return join(claudeFolder(env, home), "settings.json");
}

/** The variables in `env` of the user's Claude settings if they name an endpoint; undefined if they do not. */
export function readSettingsVariables(environment: Environment): Record<string, string> | undefined {
	const env = asObject(readSettings(environment)["env"]);
	const variables = Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string");
	return env["ANTHROPIC_BASE_URL"] ? Object.fromEntries(variables) : undefined;
}

/** The shell command in the user's Claude settings that prints the key; undefined without one. */
export function readApiKeyHelper(environment: Environment): string | undefined {
	const helper = readSettings(environment)["apiKeyHelper"];
	return typeof helper === "string" && helper.trim() !== "" ? helper : undefined;
}

/** Empty if there is no file, and if it is not permitted or a folder: Claude Code reports it. */
function readSettings(environment: Environment): JsonObject {
	const file = claudeSettingsFile(environment);
	try {
		const text = existsSync(file) ? readFileSync(file, "utf8") : "";
		return asObject(tryParseJson(text.replace(/^\uFEFF/, "")));
	} catch (error) {
		if (errorCode(error) === undefined) throw error;
		return {};
	}
}

/** The entries of `modelOverrides` that are meant for cc-any, and where they are written. */
export interface SettingsOverrides {
	overrides: ModelOverrides;
	origin: Layer;
}

/**
 * Reads the pasted block from the user's Claude settings. Claude Code's own entries, whose values are plain text, are
 * not ours and are ignored. Undefined when there is no block, or the file cannot be read or parsed: a damaged file is
 * a warning (`claudeSettingsWarnings`), not a failure.
 */
export async function readSettingsOverrides(environment: Environment): Promise<SettingsOverrides | undefined> {
	const settings = await readDocument(environment);
	if (!("document" in settings) || settings.foreign.length === 0) return undefined;
	const { document } = settings;
	const all = asObject(asObject(document.value)["modelOverrides"]);
	const overrides: Record<string, ModelOverrides[string]> = {};
	for (const id of settings.foreign) {
		const entry = { ...document, value: all[id] };
		overrides[id] = validate(ModelOverrideSchema, { ...entry, lineOf: document.lineOf }, ["modelOverrides", id]);
	}
	const place = { source: document.file, folder: dirname(document.file), document, prefix: ["modelOverrides"] };
	return { overrides, origin: { values: {}, kind: "settings", ...place } };
}

/** Warnings about the Claude settings, shown before the start. */
export async function claudeSettingsWarnings(environment: Environment): Promise<string[]> {
	const settings = await readDocument(environment);
	if ("problem" in settings) return [settings.problem];
	if (settings.foreign.length === 0) return [];
	return [
		`${settings.document.file} has a modelOverrides block that Claude Code does not understand (${settings.foreign[0]}). ` +
			"While it is there, Claude Code ignores that whole file, hooks and permission rules included. " +
			"`cc-any profiles import --remove-from-settings` turns the block into a profile and removes it.",
	];
}

type Settings = { document: SourceDocument; foreign: string[] } | { problem: string };

const NO_DOCUMENT: SourceDocument = { file: "", text: "", value: {}, lineOf: () => undefined };

async function readDocument(environment: Environment): Promise<Settings> {
	const file = claudeSettingsFile(environment);
	if (!existsSync(file)) return { document: NO_DOCUMENT, foreign: [] };
	try {
		const text = readFileSync(file, "utf8");
		// The parser is loaded only for a file that mentions the block, which is rare.
		if (!text.includes('"modelOverrides"')) return { document: NO_DOCUMENT, foreign: [] };
		const document = await parseSource(text, file);
		return { document, foreign: foreignEntries(document.value) };
	} catch (error) {
		const reason =
			error instanceof UserError ? error.message : `${file} cannot be read (${errorCode(error) ?? "unreadable"})`;
		return { problem: `${reason}; no modelOverrides are read from it` };
	}
}

/** Ids whose values are objects: Claude Code itself expects text there. */
function foreignEntries(settings: unknown): string[] {
	const block = isObject(settings) ? settings["modelOverrides"] : undefined;
	const entries = Object.entries(asObject(block));
	return entries.flatMap(([id, entry]) => (typeof entry === "object" && entry !== null ? [id] : []));
}

/** The error for an import with nothing to import. */
export function noOverrides(file: string): UserError {
	return new UserError(
		`${file} has no modelOverrides block and no ANTHROPIC_BASE_URL to import, and neither has the shell`,
		{
			hint: "`cc-any profiles` lists the profiles that exist",
			exitCode: EXIT.config,
		},
	);
}
