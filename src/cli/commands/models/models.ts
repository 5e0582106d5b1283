import { type Environment, processEnvironment } from "../../../platform/paths.ts";
import { EXIT, UserError } from "../../../platform/user-error.ts";
import { modelOf, type Profile, TIERS } from "../../../profile/model/profile.ts";
import type { ProfileReport } from "../../../profile/report.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import { type ProviderModels, readProviderModels } from "../../../profile/sources/model-lists.ts";
import { print, printJson, tell } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import { fitted, table } from "../../ui/table.ts";
import { FACT_TITLES, factCells, factsOf, type ModelFacts } from "./model-facts.ts";

export interface ModelsOptions {
	/** Models of all profiles by name, instead of those of one profile. */
	search?: string;
	refresh?: boolean;
	/** A public catalogue to ask instead of the provider: `models.dev`, or `models.dev/PROVIDER`. */
	from?: string;
	json?: boolean;
}

/** One line of `cc-any models`, and one element of its `--json`. Fields that are not known are absent. */
interface ModelSummary extends ModelFacts {
	id: string;
	tiers: string[];
	/** Where it comes from: a line in a file, or the provider's own list. */
	source: string;
	/** Whether the provider lists it; absent if it was never asked. */
	listed?: boolean | undefined;
}

/** Columns that a narrow terminal has no room for: source, thinks, sees, cached, output, out, in. */
const LESS_NEEDED = [9, 8, 7, 6, 3, 5, 4];

/** `cc-any models [PROFILE]`: the models of the profile, and those that the provider lists. */
export async function listProfileModels(
	name: string | undefined,
	{ search, refresh, from, json }: ModelsOptions,
): Promise<void> {
	if (search !== undefined) return (await import("./search-models.ts")).searchModels(search, json === true);
	const environment = processEnvironment();
	const selection = { profile: name, cwd: process.cwd() };
	const catalogue = /^models\.dev(?:\/(.+))?$/.exec(from ?? "");
	if (from !== undefined && !catalogue) throw unknownCatalogue(from);
	if (catalogue || refresh) {
		const { askCatalogue, askProvider } = await import("./refresh-models.ts");
		// A key is needed only to ask the provider.
		const asking = await resolveProfile(selection, environment, { tolerant: catalogue !== null });
		if (!catalogue) await askProvider(asking.profile, environment);
		else tell(`kept in ${await askCatalogue(asking, catalogue[1], environment)}\n`);
	}
	const { profile, report } = await resolveProfile(selection, environment, { tolerant: true });
	const list = readList(profile, environment);
	const models = summaries(profile, report, list);
	if (json) {
		const asked = list && new Date(list.at).toISOString();
		printJson({ profile: profile.name, asked, models }, 2);
		return;
	}
	const titles = ["model", "tiers", ...FACT_TITLES, "source"];
	print(table(fitted([titles.map(style.heading), ...models.map(row)], LESS_NEEDED, process.stdout.columns)));
	const hint = list ? `asked on ${new Date(list.at).toISOString().slice(0, 10)}` : "--refresh asks the provider";
	tell(`\nprices in US dollars per million tokens; ? means unknown; ${hint}\n`);
}

/** The provider's list of models from the last `--refresh`. */
function readList(profile: Profile, environment: Environment): ProviderModels | undefined {
	const baseUrl = profile.endpoints[profile.dialect]?.baseUrl.replace(/\/+$/, "");
	return baseUrl === undefined ? undefined : readProviderModels(profile.name, baseUrl, environment);
}

function unknownCatalogue(from: string): UserError {
	return new UserError(`there is no catalogue ${from}`, {
		hint: "--from models.dev, or --from models.dev/PROVIDER with the provider's id there",
		exitCode: EXIT.usage,
	});
}

function summaries(profile: Profile, report: ProfileReport, list: ProviderModels | undefined): ModelSummary[] {
	const used = TIERS.map((tier) => profile.tiers[tier]).filter((id) => id !== "");
	const known = [...new Set([...used, ...Object.keys(profile.models)])];
	const listed = new Set(list?.ids);
	const origins = report.origins();
	const own = known.map((id): ModelSummary => {
		const tiers = TIERS.filter((tier) => profile.tiers[tier] === id);
		const isListed = list && { listed: listed.has(id) };
		if (!Object.hasOwn(profile.models, id)) return { id, tiers, source: "named as a tier", ...isListed };
		return { id, tiers, ...factsOf(modelOf(profile, id)), source: sourceOf(origins, id), ...isListed };
	});
	const further = (list?.ids ?? []).filter((id) => !known.includes(id));
	return [
		...own,
		...further.map((id): ModelSummary => ({ id, tiers: [], source: "the provider's list", listed: true })),
	];
}

/** Origin of the model's first value; `profiles show` has the origin of each value. */
function sourceOf(origins: Record<string, string>, id: string): string {
	const field = Object.keys(origins).find((name) => name.startsWith(`models.${id}.`));
	return (field && origins[field]) || "the profile";
}

function row(model: ModelSummary): string[] {
	const { id, tiers, source, listed } = model;
	const name = listed === false ? `${id} ${style.warning("(not listed)")}` : id;
	return [name, tiers.join(","), ...factCells(model), style.faint(source)];
}
