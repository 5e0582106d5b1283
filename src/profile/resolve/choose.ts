import type { Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { dialectOfUrl } from "../model/base-url.ts";
import { layersOfAnthropicVariables } from "../sources/anthropic-variables.ts";
import { addressesOf, builtinForUrl } from "../sources/builtin.ts";
import { claudeSettingsFile, readSettingsOverrides, readSettingsVariables } from "../sources/claude-settings.ts";
import type { Config } from "../sources/config-files.ts";
import { type Layer, profileFields } from "../sources/layer.ts";
import { layersOfOverrides } from "../sources/model-overrides.ts";
import type { Overrides } from "../sources/overrides.ts";
import { canonicalName, configLayer, isFile, layersOf, type Reference, type Sources } from "../sources/sources.ts";

/** The profile that was chosen, before variables and flags are merged over it. */
export interface ChosenProfile {
	name: string;
	layers: Layer[];
	/** It was made of an address or of another tool's variables or settings: no command shows it by its name. */
	adHoc?: boolean | undefined;
	chosenBy: "flag" | "variable" | "project" | "user" | "settings";
}

/** No flag, variable or file chooses a profile. On a terminal, the user is then asked. */
export class NoProfileChosen extends UserError {
	/** Says that Claude Code's own settings name an endpoint, and how to use it. */
	readonly found: string | undefined;

	constructor(found?: string) {
		const hint =
			"`cc-any init` sets one up; or choose one that `cc-any profiles` lists, with `cc-any --profile NAME`, CC_ANY_PROFILE, or `profile: NAME` in a config file";
		super(found ? `no profile is chosen; ${found}` : "no profile is chosen", { hint, exitCode: EXIT.config });
		this.found = found;
	}
}

/** Only the host: the address may hold a password. */
function foundInSettings(environment: Environment): string | undefined {
	const address = readSettingsVariables(environment)?.["ANTHROPIC_BASE_URL"];
	if (address === undefined) return undefined;
	const host = URL.canParse(address) ? ` (${new URL(address).host})` : "";
	return `found ANTHROPIC_BASE_URL${host} in ${claudeSettingsFile(environment)}; run \`cc-any profiles import\` to use it`;
}

/**
 * Chooses the profile. Order of precedence: flags, CC_ANY_* variables, the project's config, the user's config, a
 * `modelOverrides` block in Claude's settings, ANTHROPIC_BASE_URL.
 */
export async function chooseProfile(
	flags: Overrides,
	variables: Overrides,
	cwd: string,
	sources: Sources,
): Promise<ChosenProfile> {
	for (const overrides of [flags, variables]) {
		const { profile, kind } = overrides;
		if (profile) return findProfile({ name: profile, kind: "user", folder: cwd }, kind, sources);
		if (overrides.baseUrl) return adHocProfile({ ...overrides, model: flags.model ?? overrides.model });
	}
	if (sources.projectProblem) throw sources.projectProblem;
	const configured = (await chosenByConfig(sources.project, sources)) ?? (await chosenByConfig(sources.user, sources));
	if (configured) return configured;
	const pasted = await readSettingsOverrides(sources.environment);
	if (pasted) {
		const layers = await layersOfOverrides(pasted.overrides, pasted.origin);
		return { name: "model-overrides", layers, adHoc: true, chosenBy: "settings" };
	}
	const layers = await layersOfAnthropicVariables(sources.environment.env);
	if (layers) return { name: "environment", layers, adHoc: true, chosenBy: "variable" };
	throw new NoProfileChosen(foundInSettings(sources.environment));
}

/** What a config file chooses: the profile that it names, or its `modelOverrides` block. */
async function chosenByConfig(config: Config | undefined, sources: Sources): Promise<ChosenProfile | undefined> {
	if (!config) return undefined;
	const { kind, values } = config;
	if (values.profile) {
		const { folder } = configLayer(config, {}, []);
		return findProfile({ name: values.profile, folder, kind }, kind, sources);
	}
	assertNoStrayFields(config);
	if (!values.modelOverrides) return undefined;
	const layers = await layersOfOverrides(values.modelOverrides, configLayer(config, {}, ["modelOverrides"]));
	return { name: "model-overrides", layers, adHoc: true, chosenBy: kind };
}

/** The profile with this name or file, with the top-level fields of the config files that name it. */
export async function findProfile(
	reference: Reference,
	chosenBy: ChosenProfile["chosenBy"],
	sources: Sources,
): Promise<ChosenProfile> {
	const { name, layers } = await layersOf(reference, sources);
	const user = await topLayer(sources.user, reference, name, sources);
	const project = await topLayer(sources.project, reference, name, sources);
	const belowProject = layers.findLastIndex((layer) => layer.kind !== "project") + 1;
	const ordered = [...layers.slice(0, belowProject), user, ...layers.slice(belowProject), project];
	return { name, layers: withFetchedBelow(ordered.filter((layer) => layer !== undefined)), chosenBy };
}

/**
 * Moves what was fetched about models below every file, where it only fills gaps: a list for a profile must not hide
 * what the profile that it extends says. A list from an address that no layer names is dropped.
 */
function withFetchedBelow(layers: readonly Layer[]): Layer[] {
	const files = layers.filter(({ kind }) => kind !== "catalogue");
	const addresses = new Set(files.flatMap(addressesOf).map((address) => address.replace(/\/+$/, "")));
	const fetched = layers.filter(({ kind, askedFrom }) => {
		return kind === "catalogue" && (askedFrom === undefined || addresses.has(askedFrom));
	});
	return [...fetched, ...files];
}

/** The top-level fields of a config file, which apply to the profile that it names and to no other. */
async function topLayer(config: Config | undefined, reference: Reference, name: string, sources: Sources) {
	const named = config?.values.profile;
	if (!config || !named) return undefined;
	const layer = configLayer(config, profileFields(config.values), []);
	const isSame = isFile(named)
		? named === reference.name && layer.folder === reference.folder
		: (await canonicalName(named, sources)) === name;
	return isSame ? layer : undefined;
}

function assertNoStrayFields(config: Config): void {
	const [field] = Object.keys(profileFields(config.values));
	if (!field) return;
	throw new UserError(`${config.file}: ${field} is set, but the file names no profile that it belongs to`, {
		hint: `add \`profile: NAME\`, or write it under \`profiles: { NAME: { ${field}: … } }\``,
		exitCode: EXIT.config,
	});
}

/** A profile from an address alone. If the address is a known provider's, it is merged over that built-in profile. */
async function adHocProfile({ baseUrl = "", model, dialect, keyEnv, kind }: Overrides): Promise<ChosenProfile> {
	if (!model) {
		const option = kind === "flag" ? "--model NAME" : "CC_ANY_MODEL=NAME";
		throw new UserError(`the base URL ${baseUrl} needs a model`, {
			hint: `add ${option}: the model's name as the server knows it`,
			exitCode: EXIT.usage,
		});
	}
	const known = await builtinForUrl(baseUrl);
	const values = {
		title: baseUrl,
		status: "user",
		dialect: dialect ?? dialectOfUrl(baseUrl) ?? "openai-chat",
		...(known || keyEnv ? {} : { keyOptional: true }),
	} as const;
	const own: Layer = { values, kind, source: "", folder: ".", nameOf: () => "base URL" };
	return { name: "custom", layers: known ? [known, own] : [own], adHoc: true, chosenBy: kind };
}
