import { type BaseAddress, normaliseBaseUrl } from "../model/base-url.ts";
import type { Endpoint, Model } from "../model/profile.ts";
import type { DialectName, QuirksInput } from "../model/quirks.ts";
import { EFFORTS, type Effort, type EndpointFile, type ModelFile } from "../model/schema.ts";
import type { ValueReader } from "./value-reader.ts";

/** The models of a profile. What a file omits gets the values of an unknown model: images and thinking are tried. */
export async function resolveModels(
	files: Readonly<Record<string, ModelFile>>,
	reader: ValueReader,
): Promise<Record<string, Model>> {
	const models: Record<string, Model> = {};
	for (const [name, file] of Object.entries(files)) {
		const field = `models.${name}`;
		const id = reader.text(name, field);
		const { secret, renewKey } = await reader.key(file.key, `${field}.key`);
		models[id] = { ...describeModel(id, file, reader, field), ...(file.key && { key: secret?.value, renewKey }) };
	}
	return models;
}

function describeModel(id: string, file: ModelFile, reader: ValueReader, field: string): Model {
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
		endpoint: resolveEndpoint(file.endpoint, dialect, `${field}.endpoint`, reader),
	};
}

function effortQuirk({ efforts }: ModelFile): QuirksInput {
	if (!efforts || efforts.length === 0) return {};
	return { effortValues: Object.fromEntries(EFFORTS.map((effort) => [effort, nearestEffort(effort, efforts)])) };
}

/**
 * The level that replaces one which the model lacks: the nearest; of two equally near, the one closer to `high`, or
 * else the lower. With DeepSeek's low, high and max, medium and xhigh become high, as its own API maps them.
 */
function nearestEffort(wanted: Effort, known: readonly Effort[]): Effort {
	const rank = (effort: Effort) => EFFORTS.indexOf(effort);
	const high = rank("high");
	const distance = (effort: Effort) => Math.abs(rank(effort) - rank(wanted)) + Math.abs(rank(effort) - high) / 10;
	return known.reduce((best, effort) => (distance(effort) < distance(best) ? effort : best));
}

/**
 * An endpoint with its address filled in. One that no tier needs (`needed: false`) is omitted when a variable of its
 * address is missing: Azure's second endpoint must not require a second variable.
 */
export function resolveEndpoint(
	endpoint: EndpointFile | undefined,
	dialect: DialectName,
	field: string,
	reader: ValueReader,
	needed = true,
): Endpoint | undefined {
	if (!endpoint?.baseUrl) return undefined;
	const isOpen = !reader.isComplete(endpoint.baseUrl);
	if (isOpen && !needed && !reader.tolerant) return undefined;
	const place = { profile: reader.profile, field: `${field}.baseUrl` };
	const address = reader.text(endpoint.baseUrl, place.field);
	const { note, ...at }: BaseAddress = isOpen ? { baseUrl: address } : normaliseBaseUrl(address, dialect, place);
	if (note) reader.warnings.push(note);
	return {
		...at,
		auth: endpoint.auth,
		headers: endpoint.headers && reader.headers(endpoint.headers, `${field}.headers`),
		quirks: reader.quirks(endpoint.quirks, `${field}.quirks`),
	};
}
