import { nearest } from "../../platform/nearest.ts";
import type { Variables } from "../../platform/paths.ts";
import { userShell } from "../../platform/shell.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { dialectOfUrl } from "../model/base-url.ts";
import { DIALECTS, type DialectName } from "../model/quirks.ts";
import type { ProfileFile } from "../model/schema.ts";
import type { Layer } from "./layer.ts";

/** Values from flags, or from CC_ANY_* variables. */
export interface Overrides {
	kind: "flag" | "variable";
	profile: string | undefined;
	baseUrl: string | undefined;
	model: string | undefined;
	dialect: DialectName | undefined;
	keyEnv: string | undefined;
	region: string | undefined;
	/** Describes images to models that cannot see them. */
	vision: string | undefined;
	/** Context window of the main model, in tokens. */
	context: number | undefined;
}

type Field = Exclude<keyof Overrides, "kind">;

const MIN_WINDOW_TOKENS = 1024;
const MAX_WINDOW_TOKENS = 100_000_000;

const FLAGS: Readonly<Record<Field, string>> = {
	profile: "--profile",
	baseUrl: "--base-url",
	model: "--model",
	dialect: "--dialect",
	keyEnv: "--key-env",
	region: "--region",
	vision: "--vision",
	context: "--context",
};

const VARIABLES: Readonly<Record<Field, string>> = {
	profile: "CC_ANY_PROFILE",
	baseUrl: "CC_ANY_BASE_URL",
	model: "CC_ANY_MODEL",
	dialect: "CC_ANY_DIALECT",
	keyEnv: "CC_ANY_KEY_ENV",
	region: "CC_ANY_REGION",
	vision: "CC_ANY_VISION",
	context: "CC_ANY_CONTEXT",
};

/** Reads the flags. Throws a `UserError` for a dialect that does not exist. */
export function overridesOfFlags(given: Partial<Record<Field, string | undefined>>): Overrides {
	return overridesFrom("flag", (field) => given[field], FLAGS);
}

/** Reads the CC_ANY_* variables; an empty one counts as not set. */
export function overridesOfVariables(env: Variables): Overrides {
	return overridesFrom("variable", (field) => env[VARIABLES[field]], VARIABLES);
}

/** The overrides as a layer over a profile whose preferred dialect is `preferred`. */
export function layerOfOverrides(overrides: Overrides, preferred: DialectName | undefined): Layer {
	const { kind, baseUrl, keyEnv, region, model, vision } = overrides;
	const suggested = baseUrl && (dialectOfUrl(baseUrl) ?? preferred ?? "openai-chat");
	const dialect = overrides.dialect ?? (suggested || undefined);
	const values: ProfileFile = {
		...(dialect ? { dialect } : {}),
		...(baseUrl && dialect ? { endpoints: { [dialect]: { baseUrl } } } : {}),
		...(keyEnv ? { key: `env:${keyEnv}` } : {}),
		...(region ? { region } : {}),
		...(model ? { model } : {}),
		...(vision ? { vision } : {}),
	};
	const names = kind === "flag" ? FLAGS : VARIABLES;
	const nameOf = ([field]: readonly (string | number)[]) => {
		if (field === "endpoints" || (field === "dialect" && !overrides.dialect)) return names.baseUrl;
		if (field === "key") return names.keyEnv;
		return names[field === "tiers" ? "model" : (field as Field)];
	};
	return { values, kind, source: kind, folder: process.cwd(), nameOf };
}

function overridesFrom(
	kind: Overrides["kind"],
	read: (field: Field) => string | undefined,
	names: Readonly<Record<Field, string>>,
): Overrides {
	const text = (field: Field) => read(field)?.trim() || undefined;
	return {
		kind,
		profile: text("profile"),
		baseUrl: text("baseUrl"),
		model: text("model"),
		dialect: dialectOf(text("dialect"), names.dialect),
		keyEnv: variableOf(text("keyEnv"), names.keyEnv),
		region: text("region"),
		vision: text("vision"),
		context: windowOf(text("context"), names.context),
	};
}

function dialectOf(text: string | undefined, name: string): DialectName | undefined {
	const dialect = DIALECTS.find((known) => known === text);
	if (dialect || !text) return dialect;
	const guess = nearest(text, DIALECTS);
	throw new UserError(`${name}: ${text} is not a dialect; allowed: ${DIALECTS.join(", ")}`, {
		hint: guess ? `did you mean ${guess}?` : `use one of ${DIALECTS.join(", ")}`,
		exitCode: EXIT.usage,
	});
}

const TOKENS_PER_UNIT: Readonly<Record<string, number>> = { k: 1000, m: 1_000_000 };

/** `32k` is 32,000 tokens: a server that means 32,768 by it has room for them too. */
function windowOf(text: string | undefined, name: string): number | undefined {
	if (!text) return undefined;
	const [, digits = "", unit = ""] = /^(\d[\d_]*(?:\.\d+)?)([km]?)$/i.exec(text) ?? [];
	const tokens = Math.round(Number(digits.replaceAll("_", "")) * (TOKENS_PER_UNIT[unit.toLowerCase()] ?? 1));
	if (tokens >= MIN_WINDOW_TOKENS && tokens <= MAX_WINDOW_TOKENS) return tokens;
	throw new UserError(`${name}: ${text} is not a context window`, {
		hint: `write the number of tokens, for example ${name}${name.startsWith("-") ? " " : "="}32k or 131072`,
		exitCode: EXIT.usage,
	});
}

/** Somebody may have given the key itself, so the message does not repeat the text. */
function variableOf(text: string | undefined, name: string): string | undefined {
	if (!text || /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return text;
	throw new UserError(`${name} takes the name of a variable, not the key itself`, {
		hint: `${userShell.set("MY_API_KEY", "...")}   then: ${name} MY_API_KEY`,
		exitCode: EXIT.usage,
	});
}
