import { peekKey, renewalOf, resolveKey } from "../keys/secret.ts";
import type { Model } from "../model/profile.ts";
import type { QuirksInput } from "../model/quirks.ts";
import { EFFORTS, type Effort, type ModelFile } from "../model/schema.ts";
import type { Reader } from "./reader.ts";
import { resolveEndpoint } from "./resolve-endpoint.ts";

/** The models of a profile. What a file leaves open is taken as for an unknown model: images and thinking are tried. */
export async function resolveModels(
	files: Readonly<Record<string, ModelFile>>,
	reader: Reader,
): Promise<Record<string, Model>> {
	const models: Record<string, Model> = {};
	for (const [name, file] of Object.entries(files)) {
		const id = reader.text(name, `models.${name}`);
		const field = `models.${name}`;
		models[id] = { ...describeModel(id, file, reader, field), ...(await ownKey(file, reader, `${field}.key`)) };
	}
	return models;
}

type OwnKey = Pick<Model, "key" | "renewKey">;

async function ownKey({ key }: ModelFile, reader: Reader, field: string): Promise<OwnKey> {
	if (key === undefined) return {};
	if (reader.tolerant) return { key: peekKey(key, reader.variables, reader.stored())?.value };
	const readAgain = () => resolveKey(key, reader.secretContext(field));
	const found = await readAgain();
	return { key: found?.value, renewKey: renewalOf(found, readAgain) };
}

function describeModel(id: string, file: ModelFile, reader: Reader, field: string): Model {
	const dialect = file.dialect ?? "openai-chat";
	return {
		id,
		title: file.title,
		contextWindow: file.contextWindow,
		maxOutput: file.maxOutput,
		vision: file.vision ?? true,
		thinking: file.thinking ?? "toggle",
		price: file.price,
		dialect: file.dialect,
		quirks: { ...effortQuirk(file), ...reader.quirks(file.quirks, `${field}.quirks`) },
		efforts: file.efforts,
		aliases: file.aliases,
		notes: file.notes,
		endpoint: resolveEndpoint(file.endpoint, dialect, reader, true, `${field}.endpoint`),
	};
}

function effortQuirk({ efforts }: ModelFile): QuirksInput {
	if (!efforts || efforts.length === 0) return {};
	return { effortValues: Object.fromEntries(EFFORTS.map((effort) => [effort, nearestEffort(effort, efforts)])) };
}

/**
 * The level that stands for one which the model lacks: the nearest; of two equally near, the one closer to `high`, or
 * else the lower. So DeepSeek's low, high, max take medium and xhigh as high, which is how its own API folds them.
 */
function nearestEffort(wanted: Effort, known: readonly Effort[]): Effort {
	const rank = (effort: Effort) => EFFORTS.indexOf(effort);
	const high = rank("high");
	const distance = (effort: Effort) => Math.abs(rank(effort) - rank(wanted)) + Math.abs(rank(effort) - high) / 10;
	return known.reduce((best, effort) => (distance(effort) < distance(best) ? effort : best));
}
