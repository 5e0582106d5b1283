import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { parseSource, type SourceDocument } from "../documents/parse-source.ts";
import { validate } from "../documents/validate.ts";
import { ModelOverrideSchema } from "../model/schema.ts";
import type { Layer } from "./layer.ts";
import type { ModelOverrides } from "./model-overrides.ts";

/** `settings.json` of Claude Code, in its config folder. */
export function claudeSettingsFile({ env, home }: Environment): string {
	return join(env["CLAUDE_CONFIG_DIR"] || join(home, ".claude"), "settings.json");
}

/** The entries of `modelOverrides` that are meant for cc-any, and where they stand. */
export interface SettingsOverrides {
	overrides: ModelOverrides;
	origin: Layer;
}

/**
 * Reads the pasted block from the user's Claude settings. Claude Code's own entries, whose values are plain text, are
 * not ours and are left out. Undefined when there is no block, or the file cannot be read or parsed: a damaged file is
 * a warning (`claudeSettingsWarnings`), not a failure.
 */
export async function readSettingsOverrides(environment: Environment): Promise<SettingsOverrides | undefined> {
	const settings = await readSettings(environment);
	if (!("document" in settings) || settings.foreign.length === 0) return undefined;
	const { document } = settings;
	const all = document.value as { modelOverrides: Record<string, unknown> };
	const overrides: Record<string, ModelOverrides[string]> = {};
	for (const id of settings.foreign) {
		const entry = { ...document, value: all.modelOverrides[id] };
		overrides[id] = validate(ModelOverrideSchema, { ...entry, lineOf: document.lineOf }, ["modelOverrides", id]);
	}
	const place = { source: document.file, folder: dirname(document.file), document, prefix: ["modelOverrides"] };
	return { overrides, origin: { values: {}, kind: "settings", ...place } };
}

/** What the user should hear about the Claude settings before the start. */
export async function claudeSettingsWarnings(environment: Environment): Promise<string[]> {
	const settings = await readSettings(environment);
	if ("problem" in settings) return [settings.problem];
	if (settings.foreign.length === 0) return [];
	return [
		`${settings.document.file} has a modelOverrides block that Claude Code does not understand (${settings.foreign[0]}). ` +
			"While it is there, Claude Code silently ignores that whole file, hooks and permission rules included. " +
			"`cc-any profiles import --remove-from-settings` turns the block into a profile and takes it out.",
	];
}

type Settings = { document: SourceDocument; foreign: string[] } | { problem: string };

const NOTHING: SourceDocument = { file: "", text: "", value: {}, lineOf: () => undefined };

async function readSettings(environment: Environment): Promise<Settings> {
	const file = claudeSettingsFile(environment);
	if (!existsSync(file)) return { document: NOTHING, foreign: [] };
	try {
		const text = readFileSync(file, "utf8");
		// The parser is loaded only for a file that mentions the block: it is nearly always absent.
		if (!text.includes('"modelOverrides"')) return { document: NOTHING, foreign: [] };
		const document = await parseSource(text, file);
		return { document, foreign: foreignEntries(document.value) };
	} catch (error) {
		const reason = error instanceof UserError ? error.message : `${file} cannot be read (${codeOf(error)})`;
		return { problem: `${reason}; no modelOverrides are read from it` };
	}
}

/** Ids whose values are objects: Claude Code itself expects text there. */
function foreignEntries(settings: unknown): string[] {
	const block = (settings as { modelOverrides?: unknown } | null)?.modelOverrides;
	if (typeof block !== "object" || block === null) return [];
	return Object.entries(block).flatMap(([id, entry]) => (typeof entry === "object" && entry !== null ? [id] : []));
}

function codeOf(error: unknown): string {
	return (error as NodeJS.ErrnoException).code ?? "unreadable";
}

/** The error for an import without a block. */
export function noOverrides(file: string): UserError {
	return new UserError(`${file} has no modelOverrides block to import`, {
		hint: "`cc-any profiles` lists the profiles that are there",
		exitCode: EXIT.config,
	});
}
