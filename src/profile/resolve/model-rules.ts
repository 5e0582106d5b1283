import { EXIT, UserError } from "../../platform/user-error.ts";
import { missingKey } from "../keys/resolve-key.ts";
import { type Destination, isModel, type Model, type ModelRules, modelOf, type Profile } from "../model/profile.ts";
import type { ProfileFile } from "../model/schema.ts";
import { type Merged, originOf } from "../sources/layer.ts";
import { UnknownProfile } from "../sources/sources.ts";
import { type FindProfile, findDestination } from "./named-profiles.ts";

/**
 * Resolves `routes`: a model for long requests and one for requests with images. Throws a `UserError` with the place in
 * the file if the model cannot do what the rule is for.
 */
export async function resolveRoutes(
	profile: Profile,
	merged: Merged,
	find: FindProfile,
): Promise<ModelRules | undefined> {
	const { routes } = merged.values;
	if (!routes) return undefined;
	const destination = (field: string, name: string) => findServed(profile, { field, name }, merged, find);
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
		assertSees(merged, "routes.images", found, name);
		return found;
	}
}

/** Resolves `vision`: the model that describes images to models that cannot see them. */
export async function resolveVision(
	profile: Profile,
	merged: Merged,
	find: FindProfile,
): Promise<Destination | undefined> {
	const { vision: name, models } = merged.values;
	if (name === undefined) return undefined;
	const found = await findServed(profile, { field: "vision", name }, merged, find);
	assertSees(merged, "vision", found, name);
	const ownKey = found.profile === profile ? models?.[found.model]?.key : undefined;
	if (ownKey && !modelIn(found).key)
		throw missingKey(ownKey, { profile: profile.name, field: `models.${found.model}.key` });
	return found;
}

/** The model that a field names, which must have an endpoint. */
async function findServed(
	profile: Profile,
	{ field, name }: { field: string; name: string },
	merged: Merged,
	find: FindProfile,
): Promise<Destination> {
	if (!name.includes("/") && !isModel(profile, name) && (await isProfile(name, find))) {
		const hint = `name a model of it: ${name}/MODEL (\`cc-any models ${name}\` lists them)`;
		throw mistake(merged, field, `${name} is a profile, not a model`, hint);
	}
	const found = await findDestination(profile, `${placeOf(merged, field)}: ${field} ${name}`, name, find);
	const { dialect = found.profile.dialect, endpoint } = modelIn(found);
	if (endpoint ?? found.profile.endpoints[dialect]) return found;
	const problem = `${name} needs a ${dialect} endpoint, and profile ${found.profile.name} has none`;
	throw mistake(merged, field, problem, `give \`endpoints.${dialect}.baseUrl\`, or name another model`);
}

async function isProfile(name: string, find: FindProfile): Promise<boolean> {
	try {
		return Boolean(await find(name));
	} catch (error) {
		// It may lack a key.
		return !(error instanceof UnknownProfile);
	}
}

function assertSees(merged: Merged, field: string, found: Destination, name: string): void {
	if (modelIn(found).vision) return;
	throw mistake(merged, field, `${name} does not see images`, "name a model with `vision: true`");
}

function modelIn({ profile, model }: Destination): Model {
	return modelOf(profile, model);
}

function mistake(merged: Merged, field: string, problem: string, hint: string): UserError {
	return new UserError(`${placeOf(merged, field)}: ${field}: ${problem}`, { hint, exitCode: EXIT.config });
}

function placeOf(merged: Merged, field: string): string {
	return originOf(merged, field) ?? `profile ${merged.name}`;
}
