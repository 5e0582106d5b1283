import { resolve } from "node:path";
import { duration } from "../../platform/figures.ts";
import { processEnvironment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { type Profile, targetOf } from "../../profile/model/profile.ts";
import { PROFILE_NAME } from "../../profile/model/schema.ts";
import { resolveProfile } from "../../profile/resolve/resolve-profile.ts";
import { isFile } from "../../profile/sources/sources.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import { collectEvents } from "../../protocol/message-events.ts";
import { messageChanges, type Replayed, replayAttempt } from "../../trace/explain/replay.ts";
import { requestChanges } from "../../trace/explain/request-changes.ts";
import type { ExchangeRecord } from "../../trace/record/exchange-record.ts";
import { readExchange, type StoredAttempt, type StoredExchange } from "../../trace/store/read-store.ts";
import { type SelectionOptions, selectionOf } from "../selection.ts";
import { openProxy, Resources } from "../session.ts";
import { print } from "../ui/output.ts";
import { confirm } from "../ui/prompt.ts";
import { style } from "../ui/style.ts";

export interface ReplayOptions extends SelectionOptions {
	live?: boolean;
	yes?: boolean;
}

/** Runs a recorded exchange again, offline or against a provider, and prints the differences. */
export async function replay(bundle: string, options: ReplayOptions): Promise<void> {
	const stored = await readExchange(resolve(bundle));
	const attempt = stored.attempts.at(-1);
	if (!attempt) throw new UserError(`${bundle} was never sent to a provider`);
	const isNamed = options.profile !== undefined || options.baseUrl !== undefined;
	if (options.live && !isNamed) assertProfileName(bundle, attempt);
	const profile = isNamed || options.live ? await profileFor(bundle, attempt, options, isNamed) : undefined;
	if (!options.live || !profile) return replayOffline(stored, attempt, profile);
	await requireConsent(stored, profile, options);
	await replayLive(stored, attempt, profile);
}

/** A bundle comes from anyone: it may name a profile of the user's, never a file or an address. */
function assertProfileName(bundle: string, { target }: StoredAttempt): void {
	if (target.profile !== "unknown" && PROFILE_NAME.test(target.profile) && !isFile(target.profile)) return;
	throw new UserError(`${bundle} does not name the profile that it was sent to`, {
		hint: "name one with --profile",
		exitCode: EXIT.usage,
	});
}

/** Throws unless the user agrees to send what is in the bundle. */
async function requireConsent(stored: StoredExchange, profile: Profile, { yes }: ReplayOptions): Promise<void> {
	const { baseUrl, model } = targetOf(profile, modelFor(stored, profile));
	const what = `the recorded conversation (${JSON.stringify(stored.request).length} characters) to ${model} at ${baseUrl}`;
	if (yes || (await confirm(`Send ${what}?`))) return;
	throw new UserError(`nothing was sent: --live sends ${what}`, {
		hint: "run it in a terminal and agree, or add --yes",
		exitCode: EXIT.usage,
	});
}

/** The named profile, or the one of the recording. Offline no key is needed. */
async function profileFor(
	bundle: string,
	{ target }: StoredAttempt,
	options: ReplayOptions,
	isNamed: boolean,
): Promise<Profile> {
	const selection = selectionOf(isNamed ? options : { ...options, profile: target.profile });
	try {
		return (await resolveProfile(selection, processEnvironment(), { tolerant: !options.live })).profile;
	} catch (error) {
		if (isNamed || !(error instanceof UserError)) throw error;
		throw new UserError(`${bundle} was sent to the profile ${target.profile}: ${error.message}`, {
			hint: "name a profile, or the file of one, with --profile",
			exitCode: error.exitCode,
		});
	}
}

/** Offline: the request as it would be sent now, and the recorded reply as it would be read now. */
async function replayOffline(
	stored: StoredExchange,
	attempt: StoredAttempt,
	profile: Profile | undefined,
): Promise<void> {
	const target = profile ? targetOf(profile, modelFor(stored, profile)) : attempt.target;
	const canDecode = target.dialect === attempt.target.dialect;
	const reply = canDecode ? attempt.reply : undefined;
	const isStreamed = stored.record?.stream ?? true;
	const replayed = await replayAttempt(stored.request, target, { ...attempt, reply }, isStreamed);
	const { toolNames: _names, ...outgoing } = replayed.outgoing;
	printSection("request: recorded → now", bodyLines(stored, attempt, { ...attempt, target, outgoing }));
	if (!canDecode) {
		printSection("reply", [
			`not read: ${target.profile} speaks ${target.dialect}, the recording ${attempt.target.dialect}`,
		]);
		return;
	}
	printSection("divergences", divergenceLines(replayed), "none");
	const before = collectEvents(attempt.events);
	printSection(
		"reply: recorded → now",
		changeLines(messageChanges(before, replayed.message), replayed.failure?.message),
	);
}

/** Against a provider: sends the same request through a new proxy. Costs what the request costs. */
async function replayLive(stored: StoredExchange, attempt: StoredAttempt, profile: Profile): Promise<void> {
	const resources = new Resources();
	const records: ExchangeRecord[] = [];
	try {
		const proxy = await openProxy({ profile, onExchange: (record) => records.push(record) }, resources);
		const body = JSON.stringify({ ...stored.request, model: modelFor(stored, profile), stream: true });
		const headers = {
			authorization: `Bearer ${proxy.token}`,
			"content-type": "application/json",
			...(attempt.betas.length > 0 && { "anthropic-beta": attempt.betas.join(",") }),
		};
		const response = await fetch(`${proxy.url}/v1/messages`, { method: "POST", headers, body });
		const text = await response.text();
		const events = response.ok ? streamEvents(text) : [JSON.parse(text) as MessageEvent];
		const failed = events.find((event) => event.type === "error");
		const before = collectEvents(attempt.events);
		printSection(`${attempt.target.profile} → ${profile.name}`, figureLines(stored.record, records[0]));
		const divergences = records.flatMap((record) => record.divergences);
		printSection(
			"divergences",
			divergences.map(({ kind, done }) => `${kind}: ${done}`),
			"none",
		);
		printSection(
			"reply: recorded → now",
			changeLines(messageChanges(before, collectEvents(events)), failed?.error.message),
		);
		if (failed) process.exitCode = EXIT.failure;
	} finally {
		await resources.release();
	}
}

/** The events of a reply of our own proxy. */
function streamEvents(text: string): MessageEvent[] {
	const data = text.split("\n").filter((line) => line.startsWith("data: "));
	return data.map((line) => JSON.parse(line.slice("data: ".length)));
}

/** A model of another provider is replaced by the profile's model of the same tier. */
function modelFor({ request, record }: StoredExchange, profile: Profile): string {
	if (Object.hasOwn(profile.models, request.model)) return request.model;
	const small = record?.purpose === "title" || record?.purpose === "web";
	if (small) return profile.tiers.haiku;
	return record?.purpose === "subagent" ? profile.tiers.subagent : profile.tiers.opus;
}

function bodyLines(stored: StoredExchange, before: StoredAttempt, now: StoredAttempt): string[] {
	const [old, fresh] = [requestChanges(stored, before), requestChanges(stored, now)];
	const text = ({ place, before: was, after: is }: (typeof old)[number]) => `${place}: ${was ?? "–"} → ${is ?? "–"}`;
	const [recorded, current] = [new Set(old.map(text)), new Set(fresh.map(text))];
	return [
		...[...recorded].filter((line) => !current.has(line)).map((line) => style.error(`- ${line}`)),
		...fresh.filter((change) => !recorded.has(text(change))).map((c) => style.success(`+ ${text(c)} [${c.rule}]`)),
	];
}

function divergenceLines({ requestDivergences, divergences }: Replayed): string[] {
	return [...requestDivergences, ...divergences].map(({ kind, where, done }) => `${kind} at ${where}: ${done}`);
}

function changeLines(changes: ReturnType<typeof messageChanges>, failure: string | undefined): string[] {
	const lines = changes.flatMap(({ place, before, after }) => [
		place,
		...(before === undefined ? [] : [style.error(`  - ${before}`)]),
		...(after === undefined ? [] : [style.success(`  + ${after}`)]),
	]);
	return failure === undefined ? lines : [...lines, style.error(`failed: ${failure}`)];
}

function figureLines(before: ExchangeRecord | undefined, now: ExchangeRecord | undefined): string[] {
	const time = (value: number | undefined) => (value === undefined ? "unknown" : duration(value));
	return [
		`model: ${before?.servedModel ?? "unknown"} → ${now?.servedModel ?? "unknown"}`,
		`duration: ${time(before?.duration)} → ${time(now?.duration)}`,
		`tokens/s: ${before?.tokensPerSecond ?? "unknown"} → ${now?.tokensPerSecond ?? "unknown"}`,
	];
}

function printSection(title: string, lines: readonly string[], otherwise = "no difference"): void {
	const shown = lines.length > 0 ? lines : [otherwise];
	print(`${style.heading(title)}\n${shown.map((line) => `  ${line}\n`).join("")}\n`);
}
