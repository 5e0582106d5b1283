import { DocumentReader } from "../pipeline/read-documents.ts";
import { type Destination, type Profile, targetOf } from "../profile/model/profile.ts";
import { endpointKey, type Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import { contentBlocks, type MessageRequest } from "../protocol/messages.ts";
import type { ExchangeRecord } from "../trace/record/exchange-record.ts";
import { type ClientMarks, purposeOf } from "../trace/record/purpose.ts";
import type { Recorder } from "../trace/record/taps.ts";
import type { Transport } from "../upstream/http/transport.ts";
import { Limiter } from "../upstream/resilience/limiter.ts";
import { FirstTokenTimes } from "../upstream/resilience/reply-timeouts.ts";
import { type OnWaiting, TargetGates } from "../upstream/resilience/target-gates.ts";
import { Announcements, type OnAnnouncement } from "./announcements.ts";
import { Budget } from "./budget/budget.ts";
import { FallbackState, type Route } from "./delivery/fallback.ts";
import { KeyRenewal } from "./delivery/key-renewal.ts";
import { KeyRing } from "./delivery/key-ring.ts";
import { RuleRouting } from "./delivery/model-rules.ts";
import { NearbyAddresses } from "./delivery/nearby-address.ts";
import { MAX_CHARS_PER_TOKEN } from "./delivery/oversized.ts";
import { RepeatedFailures } from "./delivery/repeated-failures.ts";
import { routeModel } from "./delivery/route-model.ts";
import { TokenCalibration } from "./delivery/token-counts.ts";
import { DriftNotices } from "./drift-notices.ts";
import { EmptyTurns } from "./empty-turns.ts";
import { FactFiles, type FactFilesOptions } from "./learning/fact-files.ts";
import { LearnedFacts } from "./learning/learned-facts.ts";
import { ServedModels } from "./reply-claims.ts";
import { ImageDescriptions } from "./vision/image-descriptions.ts";

export interface ProxyStateOptions {
	profile: Profile;
	transport: Transport;
	onExchange: (record: ExchangeRecord) => void;
	recorder: Recorder;
	/** Called with each key that is read while the proxy runs. */
	onSecret: (secret: string) => void;
	/** Where facts about endpoints are kept; absent: they are learned for this run only. */
	learned?: FactFilesOptions | undefined;
	/** Called with what requests wait for inside the proxy; with undefined when none waits any more. */
	onWaiting?: OnWaiting | undefined;
	/** Called with what the user should know now. */
	onAnnouncement?: OnAnnouncement | undefined;
	/** Where what was used each day is kept; absent: only this process counts. */
	spendingFolder?: string | undefined;
}

/** What a request is for, and the session that it belongs to. */
type RouteMarks = Pick<ExchangeRecord, "purpose" | "claudeSession">;

/** What the exchanges of one proxy share: its profile, its connections, and what was learned about each target. */
export class ProxyState {
	readonly profile: Profile;
	readonly onExchange: (record: ExchangeRecord) => void;
	readonly gates: TargetGates;
	readonly firstTokens = new FirstTokenTimes();
	readonly learned: LearnedFacts;
	readonly keys: KeyRenewal;
	readonly keyRing = new KeyRing();
	readonly documents = new DocumentReader();
	readonly calibration = new TokenCalibration();
	readonly recorder: Recorder;
	readonly transport: Transport;
	readonly emptyTurns = new EmptyTurns();
	readonly nearbyAddresses = new NearbyAddresses();
	readonly repeatedFailures = new RepeatedFailures();
	readonly drift = new DriftNotices();
	readonly servedModels = new ServedModels();
	readonly announcements: Announcements;
	/** Absent without `vision` in the profile. */
	readonly descriptions: ImageDescriptions | undefined;
	/** Absent without limits in the profile. */
	readonly budget: Budget | undefined;
	/** Base URLs where a server has answered anything in this run. */
	readonly answering = new Set<string>();
	/** Base URLs where a reply with content came from in this run. */
	readonly served = new Set<string>();
	/** Endpoints and models whose profile names a token count route that does not exist: it is not tried again. */
	readonly withoutTokenCount = new Set<string>();
	/** Keyed by the primary target: another model may have an endpoint of its own, which is well. */
	readonly #fallbacks = new Map<string, FallbackState>();
	/** Keyed by the profile, not its name: two files may hold profiles of the same name. */
	readonly #targets = new Map<Profile, Map<string, Target>>();
	readonly #rules = new RuleRouting();
	readonly #limiters = new Map<string, Limiter>();
	#exchanges = 0;

	constructor(options: ProxyStateOptions) {
		this.profile = options.profile;
		this.onExchange = options.onExchange;
		this.recorder = options.recorder;
		this.transport = options.transport;
		this.learned = new LearnedFacts(options.learned && new FactFiles(options.learned));
		this.keys = new KeyRenewal(options.onSecret);
		this.gates = new TargetGates(options.onWaiting);
		this.announcements = new Announcements(options.onAnnouncement);
		const { name, budget, vision } = options.profile;
		this.descriptions = vision && new ImageDescriptions(vision);
		this.budget = budget && new Budget({ profile: name, limits: budget, folder: options.spendingFolder });
	}

	close(): Promise<void> {
		return this.transport.close();
	}

	/** The targets for a request, primary first. `requestChars`: see `requestLength`. */
	route(request: MessageRequest, requestChars: number, { purpose, claudeSession }: RouteMarks, note: Note): Route {
		const planned = routeModel(this.profile, request.model, note);
		const ruled = { request, requestChars, purpose, session: claudeSession };
		const { profile: chosen, model: asked } = this.#rules.apply(this.profile, planned, ruled, note);
		const ready = (profile: Profile, model: string) => this.readyTarget({ profile, model }, note);
		const primary = ready(chosen, asked);
		// A model of another profile was chosen by hand: it has no fallback, and is none.
		if (planned.profile !== this.profile) return new FallbackState().route([primary], () => true);
		const fallbacks = (this.profile.fallbacks ?? []).map(({ profile, model }) =>
			ready(profile, model ?? sameTier(this.profile, primary.model, profile)),
		);
		const key = endpointKey(primary);
		const state = this.#fallbacks.get(key) ?? new FallbackState();
		this.#fallbacks.set(key, state);
		const isSeen = (target: Target) => target.vision || this.descriptions !== undefined || !hasImages(request);
		return state.route([primary, ...fallbacks], (target) => fitsWindow(requestChars, target) && isSeen(target));
	}

	/** Where a request to a model goes, with the key that is used now. */
	readyTarget({ profile, model }: Destination, note: Note): Target {
		return this.keys.apply(this.keyRing.apply(this.#target(profile, model), note));
	}

	newRecord(request: MessageRequest, marks: ClientMarks = {}): ExchangeRecord {
		return {
			number: ++this.#exchanges,
			startedAt: Date.now(),
			purpose: purposeOf(request, marks),
			claudeSession: marks.session,
			agent: marks.agent,
			requestedModel: request.model,
			servedModel: "",
			profile: this.profile.name,
			stream: request.stream === true,
			attempts: 0,
			status: 0,
			duration: 0,
			contentChars: 0,
			tools: [],
			divergences: [],
		};
	}

	/** The rate limiter of a target's profile. */
	limiterOf(target: Target): Limiter {
		const limiter = this.#limiters.get(target.profile) ?? new Limiter(target.limits);
		this.#limiters.set(target.profile, limiter);
		return limiter;
	}

	#target(profile: Profile, model: string): Target {
		const targets = this.#targets.get(profile) ?? new Map<string, Target>();
		this.#targets.set(profile, targets);
		const target = targets.get(model) ?? targetOf(profile, model);
		targets.set(model, target);
		return target;
	}
}

/** The model of the same tier in another profile; its main model when the tier is not known. */
function sameTier(from: Profile, model: string, to: Profile): string {
	const tier = (Object.keys(from.tiers) as (keyof Profile["tiers"])[]).find((name) => from.tiers[name] === model);
	return to.tiers[tier ?? "opus"];
}

/** Whether a fallback has a large enough window for the conversation. */
function fitsWindow(requestChars: number, { contextWindow }: Target): boolean {
	return contextWindow === undefined || requestChars / MAX_CHARS_PER_TOKEN <= contextWindow;
}

function hasImages({ messages }: MessageRequest): boolean {
	return messages.some(({ content }) => contentBlocks(content).some((block) => block.type === "image"));
}
