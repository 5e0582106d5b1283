import { CODECS } from "../../../dialects/index.ts";
import { withNetworkSettings } from "../../../launch/settings.ts";
import { counted } from "../../../platform/figures.ts";
import { describeKeyOrigin } from "../../../profile/keys/key-origin.ts";
import { DEMO_URL } from "../../../profile/model/base-url.ts";
import { type Profile, TIERS, targetOf } from "../../../profile/model/profile.ts";
import type { ProfileKey, Target } from "../../../profile/model/target.ts";
import type { ResolvedProfile } from "../../../profile/report.ts";
import { classifyFailure } from "../../../upstream/failures/classify.ts";
import { UpstreamFailure } from "../../../upstream/failures/failure.ts";
import { otherScheme } from "../../../upstream/failures/network-codes.ts";
import { FAILURES } from "../../../upstream/failures/table.ts";
import { isOwnNetwork } from "../../../upstream/http/ask-limits.ts";
import { listModels, type ModelList } from "../../../upstream/http/list-models.ts";
import type { DoctorFinding } from "./finding.ts";
import { examineKeys, KEY_PROBLEMS } from "./keys.ts";

/** Time limit of the request for the list of models. */
const LIST_TIMEOUT_MS = 10_000;

const KEY_FIX = "check the key, and that it belongs to this endpoint and region";

export interface ExaminedProvider {
	findings: DoctorFinding[];
	/** With a key that works as its first one. */
	profile: Profile;
}

/** Whether the endpoint is reachable, takes the key and lists the models of the tiers. */
export async function examineProvider(resolved: ResolvedProfile): Promise<ExaminedProvider> {
	const { profile } = resolved;
	const target = targetOf(profile, profile.tiers.opus);
	if (target.baseUrl === DEMO_URL) {
		return { findings: [{ check: "endpoint", state: "ok", text: "the demo model, in this process" }], profile };
	}
	const { openTransport } = await import("../../../upstream/http/transport.ts");
	const transport = openTransport(withNetworkSettings(process.env));
	try {
		const listWith = (key: Pick<Target, "key">) =>
			listModels(
				transport,
				{ ...target, ...key },
				CODECS[target.dialect].modelList,
				AbortSignal.timeout(LIST_TIMEOUT_MS),
			);
		if (!target.keys) return { findings: readAnswer(await listWith(target), target, resolved), profile };
		const { findings, list, working } = await examineKeys(target.keys, listWith);
		if (!working) {
			const text = `${target.baseUrl} answers, and none of the ${findings.length} keys works`;
			return { findings: [...findings, { check: "endpoint", state: "failed", text, fix: KEY_FIX }], profile };
		}
		return { findings: [...findings, ...readAnswer(list, target, resolved)], profile: withFirstKey(profile, working) };
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		return { findings: [unreachable(error, target)], profile };
	} finally {
		await transport.close();
	}
}

function withFirstKey(profile: Profile, first: ProfileKey): Profile {
	const others = (profile.keys ?? []).filter((key) => key !== first);
	return { ...profile, key: first.value, renewKey: first.renewKey, keys: [first, ...others] };
}

function readAnswer(
	{ status, ids, text: body }: ModelList,
	target: Target,
	{ profile, report }: ResolvedProfile,
): DoctorFinding[] {
	const endpoint = `${target.baseUrl} answers${encryption(target.baseUrl)}`;
	if (status === 401 || status === 403) {
		const key = report.keyOrigin ? describeKeyOrigin(report.keyOrigin) : "none is set";
		const text = `${endpoint}, and refuses the key (HTTP ${status})`;
		return [{ check: "endpoint", state: "failed", text, fix: `${KEY_FIX}: ${key}` }];
	}
	const problem = KEY_PROBLEMS[status];
	if (problem !== undefined) {
		const text = `${endpoint}; the key is ${problem} (HTTP ${status}): ${oneLine(body)}`;
		return [{ check: "endpoint", state: "failed", text, fix: "wait, or use another key or profile" }];
	}
	if (status >= 500) {
		const fix = "the provider has a problem: try again later, or give the profile a `fallback`";
		return [{ check: "endpoint", state: "failed", text: `${endpoint} with HTTP ${status}: ${oneLine(body)}`, fix }];
	}
	const reached: DoctorFinding = { check: "endpoint", state: "ok", text: endpoint };
	if (!ids) return [reached, { check: "models", state: "ok", text: `it has no list of models (HTTP ${status})` }];
	return [reached, examineModels(ids, target, profile)];
}

/** A server in the user's own network needs no TLS. */
function encryption(baseUrl: string): string {
	if (new URL(baseUrl).protocol === "https:") return " over TLS";
	return isOwnNetwork(baseUrl) ? "" : " without TLS: the key and the prompts are not encrypted";
}

/** Whether the provider lists the tiers' models that are at this endpoint. */
function examineModels(ids: readonly string[], target: Target, profile: Profile): DoctorFinding {
	const asked = [...new Set(TIERS.map((tier) => profile.tiers[tier]))];
	const here = asked.filter((model) => targetOf(profile, model).baseUrl === target.baseUrl);
	const missing = here.filter((model) => !ids.includes(model));
	if (missing.length === 0)
		return { check: "models", state: "ok", text: `${here.join(", ")} listed among ${ids.length}` };
	const some = ids.slice(0, 5).join(", ");
	const text = `${missing.join(", ")} not in the provider's list of ${counted(ids.length, "model")} (${some}${ids.length > 5 ? ", …" : ""})`;
	const fix = "some providers accept names that they do not list; if this one does not, name another model in `tiers`";
	return { check: "models", state: "warning", text, fix };
}

function unreachable(error: UpstreamFailure, target: Target): DoctorFinding {
	const text = `${target.baseUrl} cannot be reached: ${oneLine(error.message)}`;
	return { check: "endpoint", state: "failed", text, fix: connectionFix(error, target) };
}

/** What to do about a failed connection. */
function connectionFix(error: UpstreamFailure, target: Target): string {
	const { message } = error;
	const { profile, baseUrl, model, isAddress } = target;
	const place = isAddress ? "--base-url" : `baseUrl of the profile (cc-any profiles show ${profile})`;
	const otherUrl = otherScheme(message, baseUrl);
	if (otherUrl !== undefined)
		return `the server speaks ${new URL(otherUrl).protocol.slice(0, -1)}: write ${otherUrl} in ${place}`;
	const [, proxy] = /\(through ([^()]+)\)$/.exec(message) ?? [];
	if (proxy !== undefined) return `correct or unset HTTPS_PROXY, HTTP_PROXY or ALL_PROXY: they name ${proxy}`;
	if (/^ECONNREFUSED/.test(message)) return `nothing listens there: start the server, or correct ${place}`;
	if (/^(?:ENOTFOUND|EAI_AGAIN)/.test(message)) {
		return `check the name in ${place}, and the network; in a company network set HTTPS_PROXY`;
	}
	if (isTimeout(error)) return "the server accepts connections but does not answer: is it loading a model, or stuck?";
	const { class: failureClass } = classifyFailure(error.source);
	return FAILURES[failureClass].remedy({ profile: isAddress ? new URL(baseUrl).host : profile, model, isAddress });
}

function isTimeout({ cause }: UpstreamFailure): boolean {
	return cause instanceof Error && cause.name === "TimeoutError";
}

function oneLine(text: string): string {
	return text.replace(/\s+/g, " ").trim().slice(0, 160);
}
