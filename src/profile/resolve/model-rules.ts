import { EXIT, UserError } from "../../platform/user-error.ts";
import { type Destination, type Model, type ModelRules, modelOf, type Profile } from "../model/profile.ts";
import type { ProfileFile } from "../model/schema.ts";
import { type Merged, originOf } from "../sources/layer.ts";
import { type FindProfile, findDestination } from "./named-profiles.ts";

/**
 * Resolves `routes`: a model for long requests and one for requests with images. Throws a `UserError` with the place in
 * the file where the model cannot do what the rule is for.
 */
export async function resolveRoutes(
	profile: Profile,
	merged: Merged,
	find: FindProfile,
): Promise<ModelRules | undefined> {
	const { routes } = merged.values;
	if (!routes) return undefined;
	const destination = (field: string, name: string) => findDestination(profile, `${field} ${name}`, name, find);
	return {
		longContext: routes.longContext && (await longContext(routes.longContext)),
		images: routes.images === undefined ? undefined : await images(routes.images),
	};

	async function longContext({ over, model: name }: NonNullable<NonNullable<ProfileFile["routes"]>["longContext"]>) {
		const field = "routes.longContext.model";
		const found = await destination(field, name);
		const { contextWindow } = modelIn(found);
		if (contextWindow === undefined) {
			throw mistake(merged, field, `the window of ${name} is not known`, "give `contextWindow` of the model");
		}
		if (contextWindow <= over) {
			const problem = `${name} has a window of ${contextWindow} tokens, which is not more than \`over\` (${over})`;
			throw mistake(merged, field, problem, "name a model with a larger window, or lower `over`");
		}
		return { ...found, over };
	}

	async function images(name: string) {
		const found = await destination("routes.images", name);
		if (modelIn(found).vision) return found;
		throw mistake(merged, "routes.images", `${name} does not see images`, "name a model with `vision: true`");
	}
}

function modelIn({ profile, model }: Destination): Model {
	return modelOf(profile, model);
}

function mistake(merged: Merged, field: string, problem: string, hint: string): UserError {
	const place = originOf(merged, field) ?? `profile ${merged.name}`;
	return new UserError(`${place}: ${field}: ${problem}`, { hint, exitCode: EXIT.config });
}
