import { withNetworkSettings } from "../../../launch/settings.ts";
import type { Environment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import { type Profile, targetOf } from "../../../profile/model/profile.ts";
import type { ResolvedProfile } from "../../../profile/report.ts";
import { keepCatalogue, keepProviderModels } from "../../../profile/sources/model-lists.ts";
import type { Transport } from "../../../upstream/http/transport.ts";

/** Time limit of a request for a list of models. */
const LIST_TIMEOUT_MS = 30_000;

const MODELS_DEV = "https://models.dev/api.json";

/** Asks the provider for its list of models, and keeps it. */
export async function askProvider(profile: Profile, environment: Environment): Promise<void> {
	const { listModels } = await import("../../../upstream/http/list-models.ts");
	const { CODECS } = await import("../../../dialects/index.ts");
	const target = targetOf({ ...profile, models: {} }, profile.tiers.opus);
	return withTransport(
		`${profile.name} returned no list of models`,
		`cc-any doctor ${profile.name}`,
		async (transport, fail) => {
			const { ids, windows, status } = await listModels(
				transport,
				target,
				CODECS[target.dialect].modelList,
				AbortSignal.timeout(LIST_TIMEOUT_MS),
			);
			if (!ids) throw fail(`HTTP ${status} from ${target.baseUrl}`);
			keepProviderModels(profile.name, { ids, windows, at: Date.now(), baseUrl: target.baseUrl }, environment);
		},
	);
}

/**
 * Asks models.dev about the provider's models, and keeps the answer as the lowest layer of the profile. `provider` is
 * the provider's id there, if it is not found by name, address or key variable. Returns the file.
 */
export async function askCatalogue(
	resolved: ResolvedProfile,
	provider: string | undefined,
	environment: Environment,
): Promise<string> {
	const { askModelsDev, modelsOfProvider, providerFor } = await import("../../../upstream/http/models-dev.ts");
	const url = environment.env["CC_ANY_MODELS_DEV_URL"] || MODELS_DEV;
	const { profile } = resolved;
	const failure = `${url} has nothing about the models of ${profile.name}`;
	return withTransport(failure, "check the address, or omit --from", async (transport, fail) => {
		const providers = await askModelsDev(transport, url, AbortSignal.timeout(LIST_TIMEOUT_MS));
		if (!providers) throw fail("it returned no list of providers");
		const found = provider ? providers.find(({ id }) => id === provider) : providerFor(providers, resolved);
		if (!found) throw fail(provider ? `it has no provider ${provider}` : "name its provider: --from models.dev/ID");
		const catalogue = { from: `models.dev/${found.id}`, at: Date.now(), models: modelsOfProvider(found) };
		return keepCatalogue(profile.name, catalogue, environment);
	});
}

/** Runs the action; its failures become a `UserError` with this text and hint. */
async function withTransport<T>(
	failure: string,
	hint: string,
	action: (transport: Transport, fail: (reason: string) => UserError) => Promise<T>,
): Promise<T> {
	const { openTransport } = await import("../../../upstream/http/transport.ts");
	const { UpstreamFailure } = await import("../../../upstream/failures/failure.ts");
	const fail = (reason: string) => new UserError(`${failure}: ${reason}`, { hint });
	const transport = openTransport(withNetworkSettings(process.env));
	try {
		return await action(transport, fail);
	} catch (error) {
		if (error instanceof UpstreamFailure) throw fail(error.message);
		throw error;
	} finally {
		await transport.close();
	}
}
