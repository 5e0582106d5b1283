import { environmentFor } from "../../../launch/environment.ts";
import { statusLineSetting, withProxy } from "../../../launch/settings.ts";
import { isObject } from "../../../platform/json.ts";
import { userShell } from "../../../platform/shell.ts";
import { describeKeyOrigin } from "../../../profile/keys/key-origin.ts";
import { describeVision } from "../../../profile/model/describe-model.ts";
import { type ModelRules, type Profile, TIERS, targetOf } from "../../../profile/model/profile.ts";
import { secretsOf } from "../../../profile/model/secrets-of.ts";
import type { ProfileReport } from "../../../profile/report.ts";
import { print } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import type { LaunchPlan } from "./launch-plan.ts";

/** Values that only a real run has. */
const STATUS_FILE = "<temporary folder>/status.txt";
const PLACEHOLDERS = { url: "http://127.0.0.1:<free port>", token: "<random per run>" };

/** Prints what a run would do, secrets masked. */
export function printPlan(plan: LaunchPlan, { keyOrigin }: ProfileReport, claude: string): void {
	const { profile, claudeArguments, requestedModel } = plan;
	const key = keyOrigin ? describeKeyOrigin(keyOrigin) : "none";
	const changes = environmentFor({ profile, proxy: PLACEHOLDERS, parent: process.env, requestedModel });
	const sections: [title: string, lines: string[]][] = [
		["profile", [`${profile.name} (${profile.title}), key: ${key}`]],
		["targets", targetLines(profile)],
		...(profile.routes ? [["routes", routeLines(profile.routes)] as [string, string[]]] : []),
		...(profile.vision ? [["vision", [describeVision(profile.vision)]] as [string, string[]]] : []),
		...(profile.fallbacks?.length ? [["fallback, in order", fallbackLines(profile)] as [string, string[]]] : []),
		...(profile.others?.length ? [["also, as profile/model", otherLines(profile)] as [string, string[]]] : []),
		["command", [[claude, ...claudeArguments.map(userShell.word)].join(" ")]],
		["settings", settingsLines(plan)],
		["environment, set", Object.entries(changes.set).map(([name, value]) => `${name}=${value}`)],
		["environment, removed", changes.unset.length > 0 ? changes.unset : ["nothing"]],
	];
	const text = sections.map(([title, lines]) => [style.heading(title), ...lines.map((line) => `  ${line}`)].join("\n"));
	print(mask(`${text.join("\n\n")}\n`, profile));
}

function targetLines(profile: Profile): string[] {
	return TIERS.map((tier) => {
		const { model, baseUrl, dialect } = targetOf(profile, profile.tiers[tier]);
		return `${tier.padEnd(8)} ${model} at ${baseUrl} (${dialect})`;
	});
}

function routeLines({ longContext, images }: ModelRules): string[] {
	return [
		...(longContext ? [`over ${longContext.over} tokens: ${longContext.profile.name}/${longContext.model}`] : []),
		...(images ? [`with images: ${images.profile.name}/${images.model}`] : []),
	];
}

function fallbackLines({ fallbacks = [] }: Profile): string[] {
	return fallbacks.map(({ profile, model }) => {
		const { baseUrl, dialect } = targetOf(profile, model ?? profile.tiers.opus);
		return `${profile.name}: ${model ?? "the same tier"} at ${baseUrl} (${dialect})`;
	});
}

function otherLines({ others = [] }: Profile): string[] {
	return others.map((other) => {
		const { model, baseUrl, dialect } = targetOf(other, other.tiers.opus);
		return `${other.name}/${model} at ${baseUrl} (${dialect})`;
	});
}

function settingsLines({ settings, statusLine }: LaunchPlan): string[] {
	if (!settings) return ["nothing added"];
	// The user's own `env` block may hold secrets: its names are enough here.
	const { env } = withProxy(settings, PLACEHOLDERS);
	const shown = { ...settings, env: isObject(env) ? Object.fromEntries(Object.keys(env).map(hidden)) : {} };
	const added = statusLine ? { ...shown, statusLine: statusLineSetting(STATUS_FILE, statusLine.own) } : shown;
	return [`--settings <temporary file>: ${JSON.stringify(added)}`];
}

function hidden(name: string): [string, string] {
	return [name, "<hidden>"];
}

function mask(text: string, profile: Profile): string {
	return secretsOf(profile).reduce((masked, secret) => masked.replaceAll(secret, "<secret>"), text);
}
