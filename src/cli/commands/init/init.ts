import { type Environment, processEnvironment } from "../../../platform/paths.ts";
import { userShell } from "../../../platform/shell.ts";
import { EXIT, UserError } from "../../../platform/user-error.ts";
import { describeKeyStorage, keepKey, keyStorage } from "../../../profile/keys/keep-key.ts";
import { describeKeyOrigin, describeKeyState, type KeyOrigin } from "../../../profile/keys/key-origin.ts";
import { describeModel } from "../../../profile/model/describe-model.ts";
import { modelOf, type Profile } from "../../../profile/model/profile.ts";
import { keyState, type ResolvedProfile } from "../../../profile/report.ts";
import { resolveProfile, type Selection } from "../../../profile/resolve/resolve-profile.ts";
import { writeDefault } from "../../../profile/sources/write-default.ts";
import { print, tell } from "../../ui/output.ts";
import { ask, isTerminal } from "../../ui/prompt.ts";
import { select } from "../../ui/select.ts";
import { style } from "../../ui/style.ts";
import { table, wrapped } from "../../ui/table.ts";
import { findingRows } from "../doctor/finding.ts";
import { askKey, keyFromStdin } from "../enter-key.ts";
import { selectProfile, usableProfiles } from "./pick-profile.ts";

/** Each question of the guided setup can be answered by a flag. */
export interface InitOptions {
	profile?: string;
	/** The key comes on standard input. */
	keyStdin?: boolean;
	opus?: string;
	sonnet?: string;
	haiku?: string;
	/** Ask the model for one tool call. */
	test?: boolean;
	/** Make the profile the default. */
	default?: boolean;
}

const TIER_QUESTIONS = ["opus", "sonnet", "haiku"] as const;

/** `cc-any init`: provider, key, models, a test, the default. Without a terminal, flags must answer the questions. */
export async function init(options: InitOptions): Promise<void> {
	const { profile, isDefault } = await setUp(options);
	const command = isDefault ? "cc-any" : `cc-any --profile ${profile}`;
	tell(`\n${style.heading("start it with:")} `);
	print(`${command}\n`);
	say(`for a short name, add to your shell's startup file: alias cc='${command}'`);
}

/** The steps of `init`; returns the name of the profile. */
export async function setUp(options: InitOptions): Promise<{ profile: string; isDefault: boolean }> {
	const environment = processEnvironment();
	const name = options.profile ?? (await chooseProvider(environment));
	const selection = { profile: name, cwd: process.cwd() };
	await provideKey(await resolveProfile(selection, environment, { tolerant: true }), options, environment);
	const { profile } = await resolveProfile(selection, environment);
	const given = givenTiers(options);
	showModels(profile, given);
	const isAccepted = await acceptAll(profile, options);
	const tiers = isAccepted ? given : await chooseModels(profile, given);
	const isTested = options.test ?? (isAccepted || (await decide("test it with one small request?")));
	if (isTested) await testModel(selection, tiers, environment);
	const isDefault = options.default ?? (isAccepted || (await decide(`make ${profile.name} the default?`)));
	if (isDefault) say(`wrote ${await writeDefault({ profile: profile.name, tiers }, environment)}`);
	else if (Object.keys(tiers).length > 0) say("the models that you chose are saved only with --default");
	return { profile: profile.name, isDefault };
}

/** A line for a person, wrapped at words on a narrow terminal. */
function say(text: string): void {
	tell(`${wrapped(text, process.stderr.columns ?? Number.POSITIVE_INFINITY).join("\n")}\n`);
}

/** The person's answer (default yes); without a terminal: no. */
async function decide(question: string): Promise<boolean> {
	return isTerminal() && /^y/i.test(await ask(`${question} (y/n)`, "y"));
}

/** One question for everything that no flag answers. After a "no", each is asked by itself. */
async function acceptAll(profile: Profile, options: InitOptions): Promise<boolean> {
	const open = [
		...(Object.keys(givenTiers(options)).length === 0 ? ["use these models"] : []),
		...(options.test === undefined ? ["test the first"] : []),
		...(options.default === undefined ? [`make ${profile.name} the default`] : []),
	];
	return open.length > 1 && decide(`${new Intl.ListFormat("en").format(open)}?`);
}

async function chooseProvider(environment: Environment): Promise<string> {
	const profiles = await usableProfiles(environment);
	if (!isTerminal()) {
		throw new UserError("init cannot ask for the provider without a terminal: --profile is missing", {
			hint: "cc-any init --profile deepseek --key-stdin --default < FILE-WITH-THE-KEY",
			exitCode: EXIT.usage,
		});
	}
	return selectProfile("provider (type a part of its name):", profiles);
}

/** Stores a key if the profile has none. */
async function provideKey(
	resolved: ResolvedProfile,
	{ keyStdin }: InitOptions,
	environment: Environment,
): Promise<void> {
	const { profile, report } = resolved;
	const [variable] = report.keyVariables;
	const state = keyState(resolved);
	if (!keyStdin && state !== "missing") {
		const origin = report.keyOrigin ? `, ${describeKeyOrigin(report.keyOrigin)}` : "";
		say(`key: ${describeKeyState(state)}${origin}`);
		return;
	}
	if (variable === undefined) return; // resolving the profile reports what is missing
	if (!keyStdin && !isTerminal()) {
		throw new UserError(`init: there is no key for ${profile.name}`, {
			hint: `${userShell.set(variable, "...")}   or give it on standard input: --key-stdin`,
			exitCode: EXIT.usage,
		});
	}
	const planned = keyStorage(environment);
	say(`the key will be kept in ${describeKeyStorage(planned)}`);
	const place = { profile: profile.name, variable };
	const key = keyStdin ? await keyFromStdin(place) : await askKey(`key for ${profile.title}`, place);
	const kept = await keepKey(variable, key, environment);
	const isElsewhere = kept.kind !== planned.kind; // the keychain has failed
	if (isElsewhere) say(`the key is kept in ${describeKeyStorage(kept)}`);
}

/** The models that flags name. */
function givenTiers(options: InitOptions): Record<string, string> {
	const given = TIER_QUESTIONS.filter((tier) => options[tier] !== undefined);
	return Object.fromEntries(given.map((tier) => [tier, options[tier] ?? ""]));
}

function showModels(profile: Profile, given: Record<string, string>): void {
	const rows = TIER_QUESTIONS.map((tier) => {
		const id = given[tier] ?? profile.tiers[tier];
		return [tier, id, style.faint(describeModel(modelOf(profile, id)))];
	});
	tell(table(rows));
}

/** The tiers' models that differ from the profile's own: those of flags, else those that a person picks. */
async function chooseModels(profile: Profile, given: Record<string, string>): Promise<Record<string, string>> {
	if (Object.keys(given).length > 0 || !isTerminal() || (await decide("use these models?"))) return given;
	const chosen: Record<string, string> = {};
	for (const tier of TIER_QUESTIONS) {
		const answer = await chooseModel(tier, profile);
		if (answer !== profile.tiers[tier]) chosen[tier] = answer;
	}
	return chosen;
}

/** A model that the profile lists, or any other name: the list is never complete. */
async function chooseModel(tier: (typeof TIER_QUESTIONS)[number], profile: Profile): Promise<string> {
	const given = profile.tiers[tier];
	const width = Math.max(...Object.keys(profile.models).map((id) => id.length));
	const rows = Object.values(profile.models).map((model) => ({
		value: model.id,
		label: `${model.id.padEnd(width)}  ${describeModel(model)}`,
	}));
	const matches = (typed: string, { value }: { value: string }) => value === "" || value.includes(typed.trim());
	const choices = [...rows, { value: "", label: "another model, by name" }];
	const picked = rows.length > 0 ? await select(`model for ${tier}:`, choices, { initial: given, matches }) : "";
	return picked || ask(`name of the model for ${tier}:`, given);
}

/**
 * Tests the model with one tool call. A person whose stored key is refused can paste another one, and can continue after
 * any failure; a script gets the exit code at the end.
 */
async function testModel(
	selection: Selection,
	tiers: Readonly<Record<string, string>>,
	environment: Environment,
): Promise<void> {
	const { profile, report } = await resolveProfile(selection, environment);
	const tested = { ...profile, tiers: { ...profile.tiers, ...tiers } };
	say(`asking ${tested.tiers.opus} for a tool call …`);
	const { examineToolCall } = await import("../doctor/tool-call.ts");
	const { finding, failureClass } = await examineToolCall(tested);
	tell(table(findingRows(finding)));
	if (finding.state !== "failed") return;
	const variable = storedVariable(report.keyOrigin);
	if (isTerminal() && failureClass === "auth" && variable !== undefined && (await decide("paste another key?"))) {
		const key = await askKey(`key for ${profile.title}`, { profile: profile.name, variable });
		await keepKey(variable, key, environment);
		return testModel(selection, tiers, environment);
	}
	process.exitCode = EXIT.failure;
	if (isTerminal() && !/^y/i.test(await ask("continue anyway? (y/n)", "n"))) {
		const replace = variable === undefined ? "" : `; cc-any keys set ${profile.name} replaces the stored key`;
		throw new UserError(`the test of ${profile.name} failed`, {
			hint: `cc-any doctor ${profile.name} looks for the cause${replace}`,
		});
	}
}

/** The variable that a stored key replaces. */
function storedVariable(origin: KeyOrigin | undefined): string | undefined {
	return origin?.kind === "stored" || origin?.kind === "keychain" ? origin.names[0] : undefined;
}
