import { isDeepStrictEqual } from "node:util";
import type { Profile } from "../profile/model/profile.ts";
import type { Quirks } from "../profile/model/quirks.ts";
import type { Target } from "../profile/model/target.ts";
import type { CheckFinding, Score } from "./run/score.ts";

/** A change of the profile that a check suggests. */
export interface Lesson {
	/** Place in a profile file. */
	path: string[];
	value: unknown;
	/** The current value. */
	before: unknown;
	why: string;
}

/** A claim must fail in at least this many runs, and in every one, before a lesson is drawn from it. */
const MIN_RUNS = 3;

interface Facts {
	score: Score;
	target: Target;
	/** The target without the parameters that the provider refused. */
	adapted: Target;
}

type Taught = Omit<Lesson, "path"> & { field: string };
type Teach = (facts: Facts) => Taught | undefined;

/** One lesson each. */
const LESSONS: readonly Teach[] = [
	({ score, target, adapted }) => {
		const { refusedParameters: before } = target.quirks;
		if (!isRepairedAlways(score, "ignored-stop-sequence") || adapted.quirks.refusedParameters.includes("stop"))
			return undefined;
		return quirk("refusedParameters", [...before, "stop"], before, "stop sequences are ignored: cc-any enforces them");
	},
	({ score, target }) => {
		const { laterSystem: before } = target.quirks;
		if (!failsAlways(score, "system-in-place") || before !== "system") return undefined;
		return quirk("laterSystem", "reminder", before, "a system message in the middle of the history is not followed");
	},
	({ score, target }) => {
		const { toolChoice: before } = target.quirks;
		if (!failsAlways(score, "forced-choice")) return undefined;
		const value = failsAlways(score, "forbidden-choice") ? "unsupported" : "auto-none";
		if (before === value || before === "unsupported") return undefined;
		return quirk("toolChoice", value, before, "a forced tool is not called");
	},
	({ score, target }) => {
		const { responseFormat: before } = target.quirks;
		if (!failsAlways(score, "structured-output") || before === "instruction") return undefined;
		return quirk("responseFormat", "instruction", before, "response_format does not produce JSON that fits the schema");
	},
	({ score, target }) => {
		const { askForMissing: before } = target.quirks;
		const { failed = 0, runs = 0 } = findingOf(score, "missing-parameter") ?? {};
		if (before || failed < runs || runs < MIN_RUNS) return undefined;
		return quirk("askForMissing", true, before, "calls come without a required parameter");
	},
	({ score, target }) => {
		const { reasoningRequired: before } = target.quirks;
		if (!findingOf(score, "reasoning-restored") || before === "always") return undefined;
		return quirk("reasoningRequired", "always", before, "the provider refused a history without its reasoning");
	},
	({ score, target }) => {
		const value = findingOf(score, "max-tokens-learned")?.evidence?.maxOutput;
		if (value === undefined) return undefined;
		const why = "the provider refused a larger limit and named this one";
		return { field: "maxOutput", value, before: target.maxOutput, why };
	},
	({ score, target }) => {
		const { contextWindow: before } = target;
		const value = score.probes.find(({ name }) => name === "overflow")?.evidence?.contextWindow;
		if (before === undefined || value === undefined || value >= before) return undefined;
		return { field: "contextWindow", value, before, why: "the provider refused a longer prompt and named this window" };
	},
	({ score, target }) => {
		if (!failsAlways(score, "image") || !target.vision) return undefined;
		return { field: "vision", value: false, before: true, why: "the model did not see an image" };
	},
];

/** Quirks that the proxy changed because the provider refused a parameter. */
function refusals({ target, adapted }: Facts): Taught[] {
	const names = (Object.keys(target.quirks) as (keyof Quirks)[]).filter(
		(name) => !isDeepStrictEqual(target.quirks[name], adapted.quirks[name]),
	);
	const why = "the provider refuses this parameter and names it";
	return names.map((name) => quirk(name, adapted.quirks[name], target.quirks[name], why));
}

/** The lessons of a check about the model of a target. */
export function lessonsOf(facts: Facts, profile: Profile): Lesson[] {
	const { target } = facts;
	const taught = [...refusals(facts), ...LESSONS.flatMap((teach) => teach(facts) ?? [])];
	return taught.map(({ field, ...rest }) => {
		const isQuirk = field.startsWith("quirks.");
		const isListed = Object.hasOwn(profile.models, target.model);
		// An unlisted model gets a quirk at its endpoint: listing it would replace the defaults of unlisted models.
		const place = isListed || !isQuirk ? ["models", target.model] : ["endpoints", target.dialect];
		return { ...rest, path: [...place, ...field.split(".")] };
	});
}

function quirk<Name extends keyof Quirks>(name: Name, value: Quirks[Name], before: Quirks[Name], why: string) {
	return { field: `quirks.${name}`, value, before, why };
}

function findingOf(score: Score, name: string): CheckFinding | undefined {
	return score.findings.find((finding) => finding.name === name);
}

/** The claim failed in every run, and nothing else explains it. */
function failsAlways(score: Score, probe: string): boolean {
	const finding = findingOf(score, probe);
	return finding?.type === "claim" && finding.runs >= MIN_RUNS && finding.failed === finding.runs;
}

function isRepairedAlways(score: Score, kind: string): boolean {
	const finding = findingOf(score, kind);
	return finding !== undefined && finding.runs >= MIN_RUNS && finding.seen === finding.runs;
}
