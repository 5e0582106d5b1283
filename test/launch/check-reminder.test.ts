import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rateOf } from "../../src/check/run/rate.ts";
import { Sandbox } from "../support/processes.ts";

let sandbox: Sandbox;

beforeEach(() => {
	sandbox = new Sandbox();
	mkdirSync(sandbox.path("home/.config/cc-any/profiles"), { recursive: true });
	mkdirSync(sandbox.path("home/.local/state/cc-any/checks"), { recursive: true });
	const endpoints = { "openai-chat": { baseUrl: "http://127.0.0.1:9/v1" } };
	const models = { large: { contextWindow: 131_072 } };
	const profile = { keyOptional: true, endpoints, model: "large", models };
	writeFileSync(sandbox.path("home/.config/cc-any/profiles/gpu.yaml"), JSON.stringify(profile));
});
afterEach(() => sandbox.close());

function configure(config: object): void {
	writeFileSync(sandbox.path("home/.config/cc-any/config.yaml"), JSON.stringify(config));
}

/** A kept check of the day, with these shares of two probes. */
function keep(day: string, shares: Record<string, number>): void {
	const probes = Object.entries(shares).map(([name, share]) => {
		const rate = rateOf(share * 10, 10);
		return { name, claim: name, weight: 1, raw: rate, repaired: rate, detail: "", figures: {} };
	});
	const report = { profile: "gpu", model: "large", startedAt: Date.parse(`${day}T12:00:00Z`), score: { probes } };
	const file = `home/.local/state/cc-any/checks/${day}T12-00-00-000Z-gpu-large.json`;
	writeFileSync(sandbox.path(file), JSON.stringify(report));
}

async function start(...words: string[]): Promise<string> {
	const run = sandbox.ccAny(["--profile", "gpu", ...words], sandbox.environment({}));
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("");
	return run.stderr;
}

test("without the setting a start says nothing about checks", async () => {
	expect(await start()).toBe("");
});

test("with it, one line: never checked, then nothing, then how far it fell", async () => {
	configure({ checkReminder: true });
	expect(await start()).toBe("cc-any: gpu · large was never checked; cc-any check gpu\n");
	expect(await start("--quiet")).toBe("");
	keep("2026-10-01", { one: 1, two: 1 });
	expect(await start()).toBe("");
	// A check of one probe alone is compared by that probe.
	keep("2026-10-02", { one: 1 });
	expect(await start()).toBe("");
	keep("2026-10-03", { one: 0.6, two: 1 });
	const fell = "cc-any: gpu · large fell from A (100 %) to D (60 %) in its check of 2026-10-03";
	expect(await start()).toBe(`${fell}; cc-any check gpu --since-last\n`);
	keep("2026-10-04", { one: 1, two: 1 });
	expect(await start()).toBe("");
});

test("it belongs to the config, not to the profile that the config names", async () => {
	configure({ profile: "demo", checkReminder: true });
	expect(await start()).toContain("gpu · large was never checked");
});
