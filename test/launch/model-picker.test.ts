import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { environmentFor } from "../../src/launch/environment.ts";
import { modelPickerSetting, modelRows } from "../../src/launch/model-picker.ts";
import { Sandbox } from "../support/processes.ts";
import { everyTier, sampleProfile } from "../support/sample-profile.ts";

const KEY = "sk-other-key-0123456789";
const other = sampleProfile({ name: "other", title: "Other House", key: KEY });
const profile = sampleProfile({ others: [other] });

describe("rows of /model", () => {
	test("each model of the other profile's tiers, once, with what is known of it", () => {
		expect(modelRows(profile)).toEqual([
			{ model: "other/sample-large", label: "Sample Large", description: "Other House · 262k context" },
			{ model: "other/sample-small", label: "sample-small", description: "Other House · 131k context" },
		]);
		expect(modelRows(sampleProfile())).toEqual([]);
	});

	test("follow the user's own, whose other settings are kept", () => {
		const own = { replaceBuiltInOptions: true, options: [{ model: "opus" }] };
		expect(modelPickerSetting(profile, own)).toEqual({
			replaceBuiltInOptions: true,
			options: [{ model: "opus" }, ...modelRows(profile)],
		});
		expect(modelPickerSetting(sampleProfile(), own)).toBeUndefined();
	});

	test("a model that serves several tiers has one row", () => {
		const large = { model: "sample-large", label: "Sample Large", description: "262k context" };
		const small = { model: "sample-small", label: "sample-small", description: "131k context" };
		expect(modelPickerSetting(profile, undefined)).toEqual({
			replaceBuiltInOptions: true,
			options: [large, small, ...modelRows(profile)],
		});
		const tiers = { opus: "a", sonnet: "b", haiku: "c", fable: "d", subagent: "a" };
		expect(modelPickerSetting(sampleProfile({ tiers }), undefined)).toBeUndefined();
	});
});

describe("the environment", () => {
	const facts = { profile, proxy: { url: "http://127.0.0.1:1", token: "t" } };

	test("the first row also as the one that older versions take; no key of the other profile", () => {
		const { set, unset } = environmentFor({ ...facts, parent: { OTHER_KEY: KEY, WRAPPED: `Bearer ${KEY}` } });
		expect(set["ANTHROPIC_CUSTOM_MODEL_OPTION"]).toBe("other/sample-large");
		expect(set["ANTHROPIC_CUSTOM_MODEL_OPTION_NAME"]).toBe("Sample Large");
		expect(unset).toEqual(["OTHER_KEY", "WRAPPED"]);
	});

	test("a model of the other profile that the run starts with counts for the window", () => {
		const small = { ...facts, profile: sampleProfile({ tiers: everyTier("sample-large"), others: [other] }) };
		const window = (requestedModel?: string) =>
			environmentFor({ ...small, parent: {}, requestedModel }).set["CLAUDE_CODE_MAX_CONTEXT_TOKENS"];
		expect([window(), window("other/sample-tiny")]).toEqual(["262144", "65536"]);
	});
});

describe("the settings of a run", () => {
	let sandbox: Sandbox;
	beforeEach(() => {
		sandbox = new Sandbox();
		mkdirSync(sandbox.path("home/.claude"));
		mkdirSync(sandbox.path("work/.claude"));
		const picker = (model: string) => JSON.stringify({ modelPicker: { options: [{ model }] } });
		writeFileSync(sandbox.path("home/.claude/settings.json"), picker("users"));
		writeFileSync(sandbox.path("work/.claude/settings.json"), picker("projects"));
	});
	afterEach(() => sandbox.close());

	const pickerOf = async (words: readonly string[]) => {
		const file = sandbox.profile("http://127.0.0.1:9/v1", { also: ["demo"] });
		const environment = sandbox.environment({}, { SAMPLE_API_KEY: "sk-sample" });
		const run = sandbox.ccAny(["--profile", file, ...words], environment, "");
		expect(await run.ended).toBe(0);
		const { settings } = JSON.parse(readFileSync(sandbox.report, "utf8")) as { settings?: { text: string } };
		const { modelPicker } = JSON.parse(settings?.text ?? "{}");
		return modelPicker?.options.map(({ model }: { model: string }) => model);
	};

	test.each<[about: string, words: string[], expected: string[] | undefined]>([
		["the user's rows stay, a project's do not count", [], ["users", "demo/demo"]],
		[
			"those of --settings win",
			["--settings", '{"modelPicker":{"options":[{"model":"given"}]}}'],
			["given", "demo/demo"],
		],
		["in print mode there is no /model", ["-p", "hi"], undefined],
	])("%s", async (_about, words, expected) => expect(await pickerOf(words)).toEqual(expected));
});
