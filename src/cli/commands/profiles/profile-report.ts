import { mask } from "../../../profile/keys/secret.ts";
import { type Endpoint, type Model, type Profile, TIERS } from "../../../profile/model/profile.ts";
import { style } from "../../ui/style.ts";
import { table } from "../../ui/table.ts";

/** One value of a profile as it is shown: never a secret. */
interface ReportValue {
	field: string;
	value: string;
	/** Where it came from: `built-in profiles/kimi.yaml:12`. Absent: cc-any's own rule. */
	origin?: string | undefined;
	/** Of a quirk. */
	why?: string | undefined;
	source?: string | undefined;
}

/** A profile as `cc-any profiles show` prints it, and its `--json`. */
export interface ProfileReport {
	name: string;
	title: string;
	status: string;
	values: ReportValue[];
	notes: string[];
	sources: string[];
}

/** Flattens a resolved profile into values with their origins. Keys are masked, headers shown without their values. */
export function profileReport(profile: Profile): ProfileReport {
	const { name, title, status, sources = [] } = profile;
	const notes = [...(profile.notes ?? []), ...modelNotes(profile)];
	const entries: [field: string, value: unknown][] = [
		["aliases", profile.aliases],
		["unavailable", profile.unavailable],
		["key", keyText(profile)],
		["dialect", profile.dialect],
		["region", profile.region],
		...Object.entries(profile.regions ?? {}).map(([id, text]): [string, unknown] => [`regions.${id}.title`, text]),
		...Object.entries(profile.endpoints).flatMap(([id, endpoint]) => endpointValues(`endpoints.${id}`, endpoint)),
		...headerValues("headers", profile.headers),
		...TIERS.map((tier): [string, unknown] => [`tiers.${tier}`, profile.tiers[tier] || undefined]),
		...Object.entries(profile.models).flatMap(([id, model]) => modelValues(`models.${id}`, model)),
		...flat("quirks", profile.quirks),
		["disabledRepairs", profile.disabledRepairs.length > 0 ? profile.disabledRepairs : undefined],
		["fallback", profile.fallback],
		["also", profile.also],
		...flat("limits", profile.limits),
	];
	const origins = profile.origins?.() ?? {};
	const values = entries.flatMap(([field, value]) =>
		value === undefined ? [] : [reportValue(profile, origins, field, value)],
	);
	return { name, title, status, values, notes, sources };
}

/** The report for people. */
export function describeProfile(report: ProfileReport): string {
	const rows = report.values.map(({ field, value, origin }) => [field, value, style.faint(origin ?? "")]);
	const quirks = report.values.filter(({ why }) => why !== undefined);
	const parts = [`${style.heading(report.name)}  ${report.title}  ${style.faint(`(${report.status})`)}\n`, table(rows)];
	if (quirks.length > 0) {
		const reasons = quirks.map(
			({ field, why, source }) => `  ${field}\n    ${why}\n    ${style.faint(source ?? "")}\n`,
		);
		parts.push(`${style.heading("why these quirks")}\n${reasons.join("")}`);
	}
	if (report.notes.length > 0) parts.push(list("notes", report.notes));
	if (report.sources.length > 0) parts.push(list("sources", report.sources));
	return parts.join("\n");
}

/** Whether there is a key, in a word or two, without reading a file or running a command. */
export function keyState({ key, keyFrom, keyOptional }: Profile): string {
	if (key !== undefined) return "set";
	if (keyFrom?.startsWith("file ")) return "from a file";
	if (keyFrom?.startsWith("command ")) return "from a command";
	if (keyFrom?.startsWith("keychain ")) return "in the keychain";
	return keyOptional ? "not needed" : "not set";
}

function keyText(profile: Profile): string {
	const state = keyState(profile);
	const shown = profile.key === undefined ? state : `${mask(profile.key)} ${state}`;
	if (profile.keyFrom) return `${shown}, ${profile.keyFrom}`;
	const names = profile.keyVariables ?? [];
	return names.length > 0 ? `${shown} (${names.join(" or ")})` : shown;
}

function endpointValues(field: string, endpoint: Endpoint | undefined): [string, unknown][] {
	if (!endpoint) return [];
	const { baseUrl, auth, headers, quirks } = endpoint;
	return [
		[`${field}.baseUrl`, baseUrl],
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

/** A header's value may be a secret of its own. */
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

function reportValue(profile: Profile, origins: Record<string, string>, field: string, value: unknown): ReportValue {
	const text = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
	return { field, value: text, origin: origins[field], ...profile.quirkReasons?.[field] };
}

function list(title: string, items: readonly string[]): string {
	return `${style.heading(title)}\n${items.map((item) => `  ${item}\n`).join("")}`;
}
