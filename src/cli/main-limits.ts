import { existsSync } from "node:fs";
import { mainModel, withMainModel } from "../launch/main-model.ts";
import { withNetworkSettings } from "../launch/settings.ts";
import { type Environment, learnedFolder } from "../platform/paths.ts";
import { DEMO_URL } from "../profile/model/base-url.ts";
import { type Profile, targetOf } from "../profile/model/profile.ts";
import type { Target } from "../profile/model/target.ts";
import { type KeptLimits, keepAskedLimits, readAskedLimits } from "../profile/sources/asked-limits.ts";
import type { Resources } from "./session.ts";

/** How long a start waits for the server's answer. A later answer is kept for the next start. */
const WAIT_MS = 300;
/** Time limit of the questions themselves. */
const ASK_TIMEOUT_MS = 10_000;
/** A local server may be started with another window any day. */
const KEPT_MS = 24 * 60 * 60_000;

export interface LimitsOptions {
	/** Model in claude's `--model`. */
	requestedModel?: string | undefined;
	/** Ask, whatever is kept. */
	relearn?: boolean | undefined;
	/** The user has named the window for this run. */
	isGiven?: boolean | undefined;
	environment: Environment;
}

/**
 * The profile with the limits of its main model. Claude Code takes its window from the environment at its start, so one that
 * the endpoint's refusals have named counts, and a window that no file names is asked for before; if the server does not
 * answer, it stays unknown.
 */
export async function withAskedLimits(given: Profile, options: LimitsOptions, resources: Resources): Promise<Profile> {
	const { requestedModel, relearn, environment } = options;
	const profile = await withLearnedWindow(given, options);
	const target = unknownMain(profile, requestedModel);
	if (!target) return profile;
	const kept = readAskedLimits(target, environment);
	const isFresh = kept !== undefined && Math.abs(Date.now() - kept.at) < KEPT_MS;
	const limits = isFresh && !relearn ? kept : ((await answerInTime(target, environment, resources)) ?? kept);
	return limits ? withLimits(profile, requestedModel, limits) : profile;
}

/** The same from what is kept, for showing what a run would do. */
export async function withKeptLimits(given: Profile, options: LimitsOptions): Promise<Profile> {
	const profile = await withLearnedWindow(given, options);
	const kept = keptLimits(profile, options);
	return kept ? withLimits(profile, options.requestedModel, kept) : profile;
}

/** What the server said about the main model the last time that it was asked, if no file names its window. */
export function keptLimits(profile: Profile, { requestedModel, environment }: LimitsOptions): KeptLimits | undefined {
	const target = unknownMain(profile, requestedModel);
	return target && readAskedLimits(target, environment);
}

/** The main model with the window that the endpoint's refusals have named in earlier runs. */
async function withLearnedWindow(profile: Profile, options: LimitsOptions): Promise<Profile> {
	const { requestedModel, relearn, isGiven, environment } = options;
	const folder = learnedFolder(environment);
	if (relearn || isGiven || !existsSync(folder)) return profile;
	const [{ FactFiles }, { LearnedFacts }] = await Promise.all([
		import("../proxy/learning/fact-files.ts"),
		import("../proxy/learning/learned-facts.ts"),
	]);
	const { owner, model } = mainModel(profile, requestedModel);
	const { contextWindow } = new LearnedFacts(new FactFiles({ folder })).apply(targetOf(owner, model.id));
	return contextWindow === model.contextWindow ? profile : withMainModel(profile, requestedModel, { contextWindow });
}

/** The main model's target, if its window is not known. */
function unknownMain(profile: Profile, requestedModel: string | undefined): Target | undefined {
	const { owner, model } = mainModel(profile, requestedModel);
	if (model.contextWindow !== undefined) return undefined;
	const target = targetOf(owner, model.id);
	return target.baseUrl === DEMO_URL ? undefined : target;
}

function withLimits(profile: Profile, requestedModel: string | undefined, limits: KeptLimits): Profile {
	const { model } = mainModel(profile, requestedModel);
	const { contextWindow, maxOutput } = limits;
	return withMainModel(profile, requestedModel, { contextWindow, maxOutput: model.maxOutput ?? maxOutput });
}

async function answerInTime(target: Target, environment: Environment, resources: Resources) {
	// Before the time limit, which is the server's: on a busy computer the modules alone may take as long.
	const modules = await loadModules();
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<undefined>((resolve) => {
		timer = setTimeout(() => resolve(undefined), WAIT_MS);
	});
	const answer = await Promise.race([askAndKeep(target, environment, resources, modules), late]);
	clearTimeout(timer);
	return answer;
}

/** What is needed to ask. Most starts ask nobody. */
async function loadModules() {
	const [{ askLimits, isOwnNetwork }, { openTransport }, { UpstreamFailure }, { CODECS }] = await Promise.all([
		import("../upstream/http/ask-limits.ts"),
		import("../upstream/http/transport.ts"),
		import("../upstream/failures/failure.ts"),
		import("../dialects/index.ts"),
	]);
	return { askLimits, isOwnNetwork, openTransport, UpstreamFailure, CODECS };
}

/** Undefined if the server cannot be asked: the first request will say why. */
async function askAndKeep(
	target: Target,
	environment: Environment,
	resources: Resources,
	{ askLimits, isOwnNetwork, openTransport, UpstreamFailure, CODECS }: Awaited<ReturnType<typeof loadModules>>,
): Promise<KeptLimits | undefined> {
	const transport = openTransport(withNetworkSettings(process.env));
	const ended = new AbortController();
	resources.add(() => ended.abort());
	const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
	try {
		const { isUpperBound, ...limits } = await askLimits(
			{ transport, target, signal },
			CODECS[target.dialect].modelList,
		);
		const kept = { model: target.model, ...limits, at: Date.now() };
		// A local server is asked again until it names a window that it was started with.
		const isFinal = limits.contextWindow === undefined ? !isOwnNetwork(target.baseUrl) : !isUpperBound;
		if (isFinal) keepAskedLimits(target, kept, environment);
		return kept;
	} catch (error) {
		if (error instanceof UpstreamFailure || (error instanceof Error && "code" in error)) return undefined;
		throw error;
	} finally {
		await transport.close();
	}
}
