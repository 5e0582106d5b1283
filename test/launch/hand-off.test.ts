import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentFor } from "../../src/launch/environment.ts";
import { refuseHandOff, TEAMMATE_COMMAND, teammateVariable } from "../../src/launch/hand-off.ts";
import { sampleProfile } from "../support/sample-profile.ts";

test.each([
	[["--bg", "say ok"], "--bg"],
	[["--model", "x", "--background"], "--background"],
	[["--worktree", "--tmux=classic"], "--tmux"],
	[["agents"], "claude agents"],
	[["attach", "7c5dcf5d"], "claude attach"],
	[["respawn", "--all"], "claude respawn"],
])("%j is refused before the start", (words, found) => {
	expect(() => refuseHandOff(words)).toThrow(`${found} runs sessions in a process that outlives cc-any`);
});

test.each([[["-p", "agents"]], [["what do --bg and --tmux do?"]], [["--", "--bg"]], [["--agents", "{}"]], [[]]])(
	"%j is not",
	(words: string[]) => {
		expect(() => refuseHandOff(words)).not.toThrow();
	},
);

test.skipIf(process.platform === "win32")(
	"a teammate gets the environment of its lead, whatever that of the tmux server is",
	() => {
		const folder = mkdtempSync(join(tmpdir(), "cc-any-team-"));
		try {
			const proxy = { url: "http://127.0.0.1:4100", token: 'it\'s a "token" $HOME' };
			const parent = { ANTHROPIC_API_KEY: "sk-of-another-provider" };
			const changes = environmentFor({ profile: sampleProfile(), proxy, parent });
			const path = teammateVariable(folder, "/usr/bin/env", changes)[TEAMMATE_COMMAND] ?? "";
			expect(statSync(path).mode & 0o777).toBe(0o700);
			const env = { PATH: process.env["PATH"], ...parent, ANTHROPIC_MODEL: "another" };
			const script = "console.log(JSON.stringify([process.env, process.argv.slice(1)]))";
			const text = execFileSync(path, [process.execPath, "-e", script, "--", "--agent-id", "x y"], {
				env,
				encoding: "utf8",
			});
			const [environment, words] = JSON.parse(text);
			expect(environment).toMatchObject(changes.set);
			expect(environment).not.toHaveProperty("ANTHROPIC_API_KEY");
			expect(words).toEqual(["--agent-id", "x y"]);
		} finally {
			rmSync(folder, { recursive: true });
		}
	},
);

test("the proxy of serve does not end with a session, so nothing is switched off there", () => {
	const facts = { profile: sampleProfile(), proxy: { url: "", token: "" }, parent: {} };
	expect(environmentFor({ ...facts, outlivesChild: true }).set).not.toHaveProperty("CLAUDE_CODE_DISABLE_AGENT_VIEW");
});
