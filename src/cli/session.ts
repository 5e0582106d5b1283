import { withNetworkSettings } from "../launch/settings.ts";
import { counted } from "../platform/figures.ts";
import { type Environment, learnedFolder, processEnvironment, spendingFolder } from "../platform/paths.ts";
import { DEMO_URL } from "../profile/model/base-url.ts";
import type { Profile } from "../profile/model/profile.ts";
import type { ProxyOptions, ProxyServer } from "../proxy/server.ts";
import { failUncaught } from "../proxy/uncaught-errors.ts";
import type { ExchangeRecord } from "../trace/record/exchange-record.ts";
import { openRecording, type Recording } from "../trace/record/recording.ts";
import { warn } from "./ui/output.ts";

/** What a run has opened, released in reverse order. */
export class Resources {
	readonly #releases: (() => void | Promise<void>)[] = [];

	add(release: () => void | Promise<void>): void {
		this.#releases.push(release);
	}

	/** Releases everything, even if a release fails; throws the first failure at the end. */
	async release(): Promise<void> {
		const failures: unknown[] = [];
		for (const release of this.#releases.splice(0).reverse()) {
			try {
				await release();
			} catch (error) {
				failures.push(error);
			}
		}
		if (failures.length > 0) throw failures[0];
	}
}

export interface SessionOptions extends ProxyOptions {
	/** Record every exchange in full; the profile and CC_ANY_TRACE=1 can ask for it too. */
	trace?: boolean | undefined;
	/** Forget what earlier runs have learned from the refusals of this profile's endpoints. */
	relearn?: boolean | undefined;
	/** Keep in memory what the summary at the end needs. */
	summary?: boolean | undefined;
	/** When an internal error is reported. It ends an exchange then, not the process; absent: it ends the process. */
	internalErrors?: "at once" | "at the end" | undefined;
}

/** A running proxy and its records. */
export interface Session extends ProxyServer {
	recording: Recording;
}

/** Opens the records and starts the proxy for a profile. */
export async function openProxy(
	{ trace, summary, internalErrors, ...options }: SessionOptions,
	resources: Resources,
): Promise<Session> {
	const { profile } = options;
	const environment = environmentOf(options);
	const wanted = trace || profile.trace || environment.env["CC_ANY_TRACE"] === "1";
	const recording = await openRecording({ profile, trace: wanted, summary, environment, warn });
	if (internalErrors) surviveInternalErrors(recording, internalErrors, resources);
	resources.add(() => recording.close());
	const onExchange = (record: ExchangeRecord): void => {
		recording.append(record);
		options.onExchange?.(record);
	};
	const { recorder, addSecret: onSecret } = recording;
	const proxy = await openUnrecorded({ ...options, recorder, onExchange, onSecret }, resources);
	recording.addSecret(proxy.token);
	return { ...proxy, recording };
}

/** Starts the proxy for a profile without records: what it is asked is no session of the user's. */
export async function openUnrecorded(
	{ relearn, ...options }: Omit<SessionOptions, "trace" | "summary" | "internalErrors">,
	resources: Resources,
): Promise<ProxyServer> {
	const profile = await withDemo(options.profile, resources);
	const environment = environmentOf(options);
	const learned = { folder: learnedFolder(environment), relearn };
	const { startProxy } = await import("../proxy/server.ts");
	const proxy = await startProxy({
		...options,
		...{ profile, learned, spendingFolder: spendingFolder(environment) },
		environment: withNetworkSettings(environment.env),
	});
	resources.add(() => proxy.close());
	return proxy;
}

function environmentOf(options: ProxyOptions): Environment {
	const { env, home } = processEnvironment();
	return { env: options.environment ?? env, home };
}

/**
 * An error that nothing catches ends the exchange it belongs to, not the process and the user's session with it. In the
 * default mode of Node, a rejection that nothing handles arrives here too.
 */
function surviveInternalErrors(
	{ internalErrors }: Recording,
	reported: "at once" | "at the end",
	resources: Resources,
): void {
	const report = (): void => {
		const { count, file } = internalErrors;
		warn(`${counted(count, "internal error")}, recorded in ${file}: please report it with this file`);
	};
	const onUncaught = (error: unknown): void => {
		const isOneOfTheFirst = internalErrors.add(error);
		failUncaught(error);
		if (reported === "at once" && isOneOfTheFirst) report();
	};
	process.on("uncaughtException", onUncaught);
	resources.add(() => {
		process.off("uncaughtException", onUncaught);
		if (reported === "at the end" && internalErrors.count > 0) report();
	});
}

/** Delay before the request handler is loaded, so that claude starts first. Its first request takes some 700 ms. */
const PREPARE_DELAY_MS = 100;

/**
 * Loads the request handler a little later than the child is started: a child that exits at once does not wait for it.
 */
export function prepareSoon(proxy: ProxyServer, resources: Resources): void {
	const timer = setTimeout(() => void proxy.prepare(), PREPARE_DELAY_MS);
	resources.add(() => clearTimeout(timer));
}

/** The profile; that of the demo with the address of the demo model, which is started. */
async function withDemo(profile: Profile, resources: Resources): Promise<Profile> {
	const endpoint = profile.endpoints["openai-chat"];
	if (endpoint?.baseUrl !== DEMO_URL) return profile;
	const { startDemo } = await import("../demo/server.ts");
	const demo = await startDemo();
	resources.add(() => demo.close());
	return { ...profile, endpoints: { ...profile.endpoints, "openai-chat": { ...endpoint, baseUrl: demo.baseUrl } } };
}
