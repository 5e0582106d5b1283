import { DEMO_URL } from "../../../profile/model/base-url.ts";
import { type Profile, TIERS, targetOf } from "../../../profile/model/profile.ts";
import type { Target } from "../../../profile/model/target.ts";
import { UpstreamFailure } from "../../../upstream/failures/failure.ts";
import { listModels, type ModelList } from "../../../upstream/http/list-models.ts";
import type { Finding } from "./finding.ts";

/** Longest wait for a list of models, in milliseconds. */
const LIST_TIMEOUT = 30_000;

/** Whether the endpoint is reachable, takes the key and lists the models of the tiers. */
export async function examineProvider(profile: Profile, environment: NodeJS.ProcessEnv): Promise<Finding[]> {
	const target = targetOf(profile, profile.tiers.opus);
	if (target.baseUrl === DEMO_URL) return [{ check: "endpoint", state: "ok", text: "the demo model, in this process" }];
	const { openTransport } = await import("../../../upstream/http/transport.ts");
	const transport = openTransport(environment);
	try {
		const list = await listModels(transport, target, AbortSignal.timeout(LIST_TIMEOUT));
		return readAnswer(list, target, profile);
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		return [unreachable(error, target)];
	} finally {
		await transport.close();
	}
}

function readAnswer({ status, ids, text }: ModelList, target: Target, profile: Profile): Finding[] {
	const endpoint = `${target.baseUrl} answers${new URL(target.baseUrl).protocol === "https:" ? " over TLS" : ""}`;
	if (status === 401 || status === 403) {
		const fix = `check the key (${profile.keyFrom ?? "none is set"}) and that it belongs to this endpoint and region`;
		return [{ check: "endpoint", state: "failed", text: `${endpoint}, and refuses the key (HTTP ${status})`, fix }];
	}
	if (status >= 500) {
		const fix = "the provider has a problem of its own: try again later, or give the profile a `fallback`";
		return [{ check: "endpoint", state: "failed", text: `${endpoint} with HTTP ${status}: ${oneLine(text)}`, fix }];
	}
	const reached: Finding = { check: "endpoint", state: "ok", text: endpoint };
	if (!ids) return [reached, { check: "models", state: "ok", text: `it does not list its models (HTTP ${status})` }];
	return [reached, examineModels(ids, target, profile)];
}

/** Models of the tiers that are asked for at the same endpoint. */
function examineModels(ids: readonly string[], target: Target, profile: Profile): Finding {
	const asked = [...new Set(TIERS.map((tier) => profile.tiers[tier]))];
	const here = asked.filter((model) => targetOf(profile, model).baseUrl === target.baseUrl);
	const missing = here.filter((model) => !ids.includes(model));
	if (missing.length === 0)
		return { check: "models", state: "ok", text: `${here.join(", ")} listed among ${ids.length}` };
	const some = ids.slice(0, 5).join(", ");
	const text = `${missing.join(", ")} not among the ${ids.length} that are listed (${some}${ids.length > 5 ? ", …" : ""})`;
	const fix = "some providers take names that they do not list; else name another model in `tiers`";
	return { check: "models", state: "warning", text, fix };
}

function unreachable({ message }: UpstreamFailure, { baseUrl }: Target): Finding {
	const fixes: readonly [RegExp, string][] = [
		[/CERT|SELF_SIGNED|UNABLE_TO_|TLS|SSL/, "a company's proxy? NODE_EXTRA_CA_CERTS=/path/to/its/certificate.pem"],
		[/ENOTFOUND|EAI_AGAIN/, "check the address in the profile, and the network; behind an HTTP proxy set HTTPS_PROXY"],
		[/ECONNREFUSED/, "nothing listens there: start the server, or correct the port in `baseUrl`"],
	];
	const fix = fixes.find(([pattern]) => pattern.test(message))?.[1] ?? "check the network, and HTTPS_PROXY";
	return { check: "endpoint", state: "failed", text: `${baseUrl} cannot be reached: ${oneLine(message)}`, fix };
}

function oneLine(text: string): string {
	return text.replace(/\s+/g, " ").trim().slice(0, 160);
}
