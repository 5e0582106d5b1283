import { type Environment, processEnvironment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import type { ResolvedProfile } from "../../../profile/report.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import { profileNames, readSources } from "../../../profile/sources/sources.ts";
import { print, printJson, tell } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import { fitted, table } from "../../ui/table.ts";
import { FACT_TITLES, factCells, factsOf, type ModelFacts } from "./model-facts.ts";

/** A model of one profile, and one element of the `--json`. */
interface FoundModel extends ModelFacts {
	profile: string;
	id: string;
}

/** Columns that a narrow terminal has no room for: thinks, sees, cached, output, out, in, window. */
const LESS_NEEDED = [8, 7, 6, 3, 5, 4, 2];

/**
 * `cc-any models --search TEXT`: the models of all profiles whose name, or the profile's, contains every word of the text.
 * Nothing is asked of a provider.
 */
export async function searchModels(text: string, json: boolean): Promise<void> {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const found: FoundModel[] = [];
	for (const model of await allModels(processEnvironment(), process.cwd())) {
		const name = `${model.profile} ${model.id}`.toLowerCase();
		if (words.every((word) => name.includes(word))) found.push(model);
	}
	if (json) return printJson({ search: text, models: found }, 2);
	if (found.length === 0) throw noModel(text);
	const titles = ["model", "profile", ...FACT_TITLES];
	const rows = found.map((model) => [model.id, model.profile, ...factCells(model)]);
	print(table(fitted([titles.map(style.heading), ...rows], LESS_NEEDED, process.stdout.columns)));
	tell("\nprices in US dollars per million tokens; ? means unknown\n");
	tell(`${style.hint("hint:")} cc-any --profile PROFILE --model MODEL\n`);
}

/** The models of every profile that can be read, those of one name together. */
async function allModels(environment: Environment, cwd: string): Promise<FoundModel[]> {
	const sources = await readSources(environment, cwd);
	const models: FoundModel[] = [];
	for (const name of profileNames(sources)) {
		const profile = await profileOrWarning(
			name,
			resolveProfile({ profile: name, cwd }, environment, { tolerant: true, sources }),
		);
		for (const model of Object.values(profile?.models ?? {}))
			models.push({ profile: name, id: model.id, ...factsOf(model) });
	}
	const key = ({ id }: FoundModel) => id.slice(id.lastIndexOf("/") + 1).toLowerCase();
	return models.sort((one, other) => key(one).localeCompare(key(other)) || one.profile.localeCompare(other.profile));
}

/** A mistake in one profile does not hide the models of the others. */
async function profileOrWarning(name: string, resolving: Promise<ResolvedProfile>): Promise<Profile | undefined> {
	try {
		return (await resolving).profile;
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		tell(`${style.warning("warning:")} ${name}: ${error.message}\n`);
		return undefined;
	}
}

function noModel(text: string): UserError {
	return new UserError(`no profile has a model with ${text} in its name`, {
		hint: "a profile's list is never complete: any name can be given with --model",
	});
}
