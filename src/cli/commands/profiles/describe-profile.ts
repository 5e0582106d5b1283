import { minuteOf } from "../../../platform/figures.ts";
import { describeKeyOrigin, describeKeyState, mask } from "../../../profile/keys/key-origin.ts";
import { requestUrl } from "../../../profile/model/base-url.ts";
import { describeInputRule } from "../../../profile/model/input-rule.ts";
import { type Endpoint, type Model, type Profile, TIERS } from "../../../profile/model/profile.ts";
import { keyState, type ResolvedProfile } from "../../../profile/report.ts";
import type { KeptLimits } from "../../../profile/sources/asked-limits.ts";
import { style } from "../../ui/style.ts";
import { paragraph, table } from "../../ui/table.ts";

/** One value of a profile as it is shown: never a secret. */
interface ShownValue {
	field: string;
	value: string;
	/** Where it comes from: `built-in profiles/kimi.yaml:12`. Absent: a default of cc-any. */
	origin?: string | undefined;
	/** Of a quirk. */
	why?: string | undefined;
	source?: string | undefined;
}

/** A profile as `cc-any profiles show` prints it, and its `--json`. */
export interface ShownProfile {
	name: string;
	title: string;
	status: string;
	values: ShownValue[];
	notes: string[];
	sources: string[];
	/** What earlier runs have learned from refusals. */
	learned: ShownFacts[];
}

export interface ShownFacts {
	model: string;
	/** `without stop (2026-11-29)` */
	facts: string[];
	/** Lines of YAML for the profile that say the same. */
	lines: string;
}

/** Flattens a resolved profile into values with their origins. Keys and header values are masked. */
export function shownProfile(resolved: ResolvedProfile, learned: ShownFacts[], kept?: KeptLimits): ShownProfile {
	const { profile, report } = resolved;
	const { name, title } = profile;
	const { status, sources, aliases, regions } = report;
	const notes = [...report.notes, ...modelNotes(profile), ...(kept?.contextWindow ? [askedNote(kept)] : [])];
	const entries: [field: string, value: unknown][] = [
		["aliases", aliases.length > 0 ? aliases : undefined],
		["unavailable", report.unavailable],
		["key", keyText(resolved)],
		["keys", profile.keys?.map(({ name }) => name)],
		["dialect", profile.dialect],
		["region", report.region],
		...Object.entries(regions).map(([id, text]): [string, unknown] => [`regions.${id}.title`, text]),
		...Object.entries(profile.endpoints).flatMap(([id, endpoint]) => endpointValues(`endpoints.${id}`, endpoint)),
		...headerValues("headers", profile.headers),
		...TIERS.map((tier): [string, unknown] => [`tiers.${tier}`, profile.tiers[tier] || undefined]),
		...Object.entries(profile.models).flatMap(([id, model]) => modelValues(`models.${id}`, model)),
		...flat("quirks", profile.quirks),
		["disabledRepairs", profile.disabledRepairs.length > 0 ? profile.disabledRepairs : undefined],
		["repairs", profile.repairs?.map(describeInputRule)],
		["fallback", report.fallback],
		["also", report.also],
		["vision", report.vision],
		...flat("limits", profile.limits),
	];
	const origins = report.origins();
	const values = entries.flatMap(([field, value]) => {
		if (value === undefined) return [];
		return [{ field, value: valueText(value), origin: origins[field], ...report.quirkReasons[field] }];
	});
	return { name, title, status, values, notes, sources, learned };
}

/** The profile as text. */
export function describeProfile(shown: ShownProfile): string {
	const rows = shown.values.map(({ field, value, origin }) => [field, value, style.faint(origin ?? "")]);
	const quirks = shown.values.filter(({ why }) => why !== undefined);
	const parts = [`${style.heading(shown.name)}  ${shown.title}  ${style.faint(`(${shown.status})`)}\n`, table(rows)];
	if (quirks.length > 0) {
		const reasons = quirks.map(
			({ field, why, source }) =>
				`  ${field}\n${paragraph(why ?? "", "    ")}${paragraph(style.faint(source ?? ""), "    ")}`,
		);
		parts.push(`${style.heading("why these quirks")}\n${reasons.join("")}`);
	}
	if (shown.notes.length > 0) parts.push(list("notes", shown.notes));
	for (const { model, facts, lines } of shown.learned) {
		parts.push(list(`learned from refusals of ${model}, for a week (--relearn forgets it)`, facts));
		parts.push(`${style.heading("the same as lines of a profile")}\n${lines.replaceAll(/^(?=.)/gm, "  ")}`);
	}
	if (shown.sources.length > 0) parts.push(list("sources", shown.sources));
	return parts.join("\n");
}

function keyText(resolved: ResolvedProfile): string {
	const { profile, report } = resolved;
	const state = describeKeyState(keyState(resolved));
	const shown = profile.key === undefined ? state : `${mask(profile.key)} ${state}`;
	if (report.keyOrigin) return `${shown}, ${describeKeyOrigin(report.keyOrigin)}`;
	return report.keyVariables.length > 0 ? `${shown} (${report.keyVariables.join(" or ")})` : shown;
}

function endpointValues(field: string, endpoint: Endpoint | undefined): [string, unknown][] {
	if (!endpoint) return [];
	const { auth, headers, quirks } = endpoint;
	return [
		[`${field}.baseUrl`, requestUrl(endpoint, "")],
		[`${field}.auth`, auth && `${auth.header}: ${template(auth.value)}`],
		...headerValues(`${field}.headers`, headers ?? {}),
		...flat(`${field}.quirks`, quirks),
	];
}

function modelValues(field: string, model: Model): [string, unknown][] {
	const { id: _id, key, endpoint, quirks, notes: _notes, price, efforts, ...plain } = model;
	// The effort table is derived from `efforts`, which says it better.
	const { effortValues: _table, ...others } = quirks ?? {};
	return [
		...flat(field, plain),
		[`${field}.efforts`, efforts],
		...flat(`${field}.price`, price),
		[`${field}.key`, key && mask(key)],
		...endpointValues(`${field}.endpoint`, endpoint),
		...flat(`${field}.quirks`, efforts ? others : quirks),
	];
}

function modelNotes({ models }: Profile): string[] {
	return Object.values(models).flatMap(({ id, notes }) =>
		notes && notes.length > 0 ? [`${id}: ${notes.join("; ")}`] : [],
	);
}

function askedNote({ model, contextWindow, at }: KeptLimits): string {
	return `${model}: the server named a window of ${contextWindow} tokens on ${minuteOf(at)}; a start asks again after a day`;
}

/** A header's value may itself be a secret. */
function headerValues(field: string, headers: Readonly<Record<string, string>>): [string, unknown][] {
	return Object.entries(headers).map(([name, value]) => [`${field}.${name}`, mask(value)]);
}

/** A template that holds a key in plain text instead of `{key}` is not shown. */
function template(value: string): string {
	return value.includes("{key}") ? value : mask(value);
}

function flat(field: string, values: object | undefined): [string, unknown][] {
	return Object.entries(values ?? {}).map(([name, value]) => [`${field}.${name}`, value]);
}

function valueText(value: unknown): string {
	return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}

function list(title: string, items: readonly string[]): string {
	return `${style.heading(title)}\n${items.map((item) => paragraph(item, "  ")).join("")}`;
}
