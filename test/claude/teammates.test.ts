import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { CC_ANY, isAlive, Sandbox, until } from "../support/processes.ts";
import { asksFor, CLAUDES, cleanEnvironment, KEY, markOnboarded } from "../support/real-claude.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";

const HAS_TMUX = spawnSync("tmux", ["-V"]).status === 0;
const [, NEWEST] = CLAUDES;

describe.skipIf(!HAS_TMUX)("an agent team in tmux (skipped without tmux)", () => {
	let sandbox: Sandbox;
	let provider: ScriptedProvider;
	/** Runs tmux on a server of this test, whose environment knows no provider. */
	const tmux = (...words: string[]) =>
		execFileSync("tmux", ["-S", sandbox.path("tmux.sock"), "-f", "/dev/null", ...words], {
			env: { ...cleanEnvironment(sandbox), SHELL: "/bin/sh", TERM: "xterm-256color", LANG: "C.UTF-8" },
			encoding: "utf8",
		});
	const screens = () =>
		tmux("list-panes", "-a", "-F", "#{pane_id}")
			.trim()
			.split("\n")
			.map((pane) => tmux("capture-pane", "-p", "-t", pane).replace(/\n{2,}/g, "\n"));

	beforeEach(async () => {
		sandbox = new Sandbox();
		markOnboarded(sandbox);
		mkdirSync(sandbox.path("home/.claude"));
		writeFileSync(sandbox.path("home/.claude/settings.json"), JSON.stringify({ teammateMode: "tmux" }));
		provider = await ScriptedProvider.start((request) => {
			const isLead = asksFor(request, "MAKE A TEAM");
			const hasCalled = request.messages.some(({ role }) => role === "tool");
			if (!isLead || hasCalled || !request.tools?.length) return { text: "done" };
			const call = { description: "worker", prompt: "WORKER TASK", name: "worker", subagent_type: "general-purpose" };
			return { toolCalls: [{ name: "Agent", arguments: { ...call, run_in_background: true } }] };
		}, KEY);
	});
	afterEach(async () => {
		const pids = tmux("list-panes", "-a", "-F", "#{pane_pid}").trim().split("\n").map(Number);
		tmux("kill-server");
		await until(() => pids.every((pid) => !isAlive(pid)) || undefined);
		sandbox.close();
		await provider.close();
	});

	test.skipIf(!HAS_TMUX)(
		"a teammate in its own tmux pane reaches the proxy (skipped without tmux)",
		async () => {
			const script = [
				"export CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS=1",
				`cd ${sandbox.path("work")}`,
				`exec ${process.execPath} ${CC_ANY} --profile ${sandbox.profile(provider.baseUrl)} --claude ${NEWEST?.[1]}`,
			];
			writeFileSync(sandbox.path("start.sh"), script.join("\n"));
			tmux("new-session", "-d", "-x", "140", "-y", "40", `sh ${sandbox.path("start.sh")}`);
			onTestFailed(() => console.log(screens().join("\n----\n")));
			await until(() => screens()[0]?.includes("? for shortcuts") || undefined);
			tmux("send-keys", "-l", "MAKE A TEAM");
			await until(() => screens()[0]?.includes("MAKE A TEAM") || undefined);
			tmux("send-keys", "Enter");
			const isTeammates = ({ body }: { body: ScriptedProvider["requests"][number]["body"] }) =>
				asksFor(body, "WORKER TASK") && !asksFor(body, "MAKE A TEAM");
			const request = await until(() => provider.requests.find(isTeammates));
			expect(request.body.model).toBe("sample-large");
			await until(() => screens()[1]?.includes("● done") || undefined);
			expect(screens().join()).not.toContain("Not logged in");
		},
		60_000,
	);
});
