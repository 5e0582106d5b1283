import { text as readAll } from "node:stream/consumers";
import { type Environment, processEnvironment } from "../../../platform/paths.ts";
import { EXIT, UserError } from "../../../platform/user-error.ts";
import { keepKey, placeOfKeys } from "../../../profile/keys/keep-key.ts";
import { describeModel } from "../../../profile/model/describe-model.ts";
import { modelOf, type Profile } from "../../../profile/model/profile.ts";
import { resolveProfile } from "../../../profile/resolve/load.ts";
import { writeDefault } from "../../../profile/sources/write-default.ts";
import { ask, askHidden, isTerminal } from "../../ui/prompt.ts";
import { select } from "../../ui/select.ts";
import { style } from "../../ui/style.ts";
import { table } from "../../ui/table.ts";
import { findingRows } from "../doctor/finding.ts";
import { keyState } from "../profiles/profile-report.ts";
import { selectProfile, usableProfiles } from "./pick-profile.ts";

/** Every question of the guided start has its flag. */
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

/** `cc-any init`: provider, key, models, a test, the default. Without a terminal the flags must say what to do. */
export async function init(options: InitOptions): Promise<void> {
	const { profile, isDefault } = await setUp(options);
	const command = isDefault ? "cc-any" : `cc-any --profile ${profile}`;
	process.stderr.write(`\n${style.heading("start it with:")} `);
	process.stdout.write(`${command}\n`);
	tell(`as a short name, in your shell's start file: alias cc='${command}'`);
}

/** Asks, tests and writes what `init` does; returns the name of the profile. */
export async function setUp(options: InitOptions): Promise<{ profile: string; isDefault: boolean }> {
	const environment = processEnvironment();
	const name = options.profile ?? (await chooseProvider(environment));
	const selection = { profile: name, cwd: process.cwd() };
	await provideKey(await resolveProfile(selection, environment, { tolerant: true }), options, environment);
	const profile = await resolveProfile(selection, environment);
	const tiers = await chooseModels(profile, options);
	const chosen = { ...profile, tiers: { ...profile.tiers, ...tiers } };
	if (await decide(options.test, "test it with one small request?")) await testModel(chosen);
	const isDefault = await decide(options.default, `make ${profile.name} the default?`);
	if (isDefault) tell(`wrote ${await writeDefault({ profile: profile.name, tiers }, environment)}`);
	else if (Object.keys(tiers).length > 0) tell("models of your choice are kept with --default only");
	return { profile: profile.name, isDefault };
}

function tell(text: string): void {
	process.stderr.write(`${text}\n`);
}

/** A yes unless no was said; without a terminal and without a flag: no. */
async function decide(given: boolean | undefined, question: string): Promise<boolean> {
	if (given !== undefined) return given;
	if (!isTerminal()) return false;
	return /^y/i.test(await ask(`${question} (y/n)`, "y"));
}

async function chooseProvider(environment: Environment): Promise<string> {
	const profiles = await usableProfiles(environment);
	if (!isTerminal()) {
		throw new UserError("init needs a terminal, or flags in its place: --profile is missing", {
			hint: "cc-any init --profile deepseek --key-stdin --default < FILE-WITH-THE-KEY",
			exitCode: EXIT.usage,
		});
	}
	return selectProfile("provider (type a part of its name):", profiles);
}

/** Stores a key where the profile has none. */
async function provideKey(profile: Profile, { keyStdin }: InitOptions, environment: Environment): Promise<void> {
	const [variable] = profile.keyVariables ?? [];
	const state = keyState(profile);
	if (!keyStdin && state !== "not set") {
		tell(`key: ${state}${profile.keyFrom ? `, ${profile.keyFrom}` : ""}`);
		return;
	}
	if (variable === undefined) return; // the loader says what is missing
	if (!keyStdin && !isTerminal()) {
		throw new UserError(`init: there is no key for ${profile.name}`, {
			hint: `export ${variable}=...   or give it on standard input: --key-stdin`,
			exitCode: EXIT.usage,
		});
	}
	const place = placeOfKeys(environment);
	tell(`the key will be kept in ${place}; a variable ${variable} wins`);
	const key = keyStdin
		? (await readAll(process.stdin)).trim()
		: (await askHidden(`key for ${profile.title} (not shown):`)).trim();
	if (!/^[\x21-\x7e]+$/.test(key)) {
		throw new UserError("the key is empty, or has characters that no key has; nothing was stored", {
			hint: "give the key alone, on one line",
			exitCode: EXIT.usage,
		});
	}
	const kept = await keepKey(variable, key, environment);
	// It is said again only where it went elsewhere: the keychain has failed.
	if (!kept.startsWith(`in ${place.split(",", 1)[0]}`)) tell(`the key is kept ${kept}`);
}

/** Models that differ from the profile's own. */
async function chooseModels(profile: Profile, options: InitOptions): Promise<Record<string, string>> {
	const given = TIER_QUESTIONS.filter((tier) => options[tier] !== undefined);
	const chosen: Record<string, string> = Object.fromEntries(given.map((tier) => [tier, options[tier] ?? ""]));
	const rows = TIER_QUESTIONS.map((tier) => {
		const id = chosen[tier] ?? profile.tiers[tier];
		return [tier, id, style.faint(describeModel(modelOf(profile, id)))];
	});
	process.stderr.write(table(rows));
	if (given.length > 0 || !isTerminal() || (await decide(undefined, "use these models?"))) return chosen;
	for (const tier of TIER_QUESTIONS) {
		const answer = await chooseModel(tier, profile);
		if (answer !== profile.tiers[tier]) chosen[tier] = answer;
	}
	return chosen;
}

/** One of those that the profile knows, or any name: its list is never closed. */
async function chooseModel(tier: (typeof TIER_QUESTIONS)[number], profile: Profile): Promise<string> {
	const given = profile.tiers[tier];
	const width = Math.max(...Object.keys(profile.models).map((id) => id.length));
	const rows = Object.values(profile.models).map((model) => ({
		value: model.id,
		label: `${model.id.padEnd(width)}  ${describeModel(model)}`,
	}));
	const matches = (typed: string, { value }: { value: string }) => value === "" || value.includes(typed.trim());
	const choices = [...rows, { value: "", label: "another one, by its name" }];
	const picked = rows.length > 0 ? await select(`model for ${tier}:`, choices, { initial: given, matches }) : "";
	return picked || ask(`name of the model for ${tier}:`, given);
}

/** A person is asked whether to go on after a failure; a script gets the exit code at the end. */
async function testModel(profile: Profile): Promise<void> {
	tell(`asking ${profile.tiers.opus} for a tool call …`);
	const { examineToolCall } = await import("../doctor/tool-call.ts");
	const finding = await examineToolCall(profile);
	process.stderr.write(table(findingRows(finding)));
	if (finding.state !== "failed") return;
	process.exitCode = EXIT.failure;
	if (isTerminal() && !/^y/i.test(await ask("go on all the same? (y/n)", "n"))) {
		throw new UserError(`the key of ${profile.name} is kept, but the test failed`, {
			hint: `cc-any keys set ${profile.name} puts another key in its place; cc-any doctor ${profile.name} looks for more`,
		});
	}
}
