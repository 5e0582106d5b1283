import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFailed, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, markOnboarded } from "../support/real-claude.ts";
import { Terminal } from "../support/terminal.ts";
import { framesOf, svgOf } from "../support/terminal-svg.ts";

const PICTURE = new URL("../../docs/images/demo.svg", import.meta.url);
/** How long the answer, and then the summary, can be read. */
const HOLD_MS = 4000;
const QUIET_MS = 1500;
const SIZE = { cols: 100, rows: 34 };

/** What the run and the picture show. Between them, partly drawn lines come and go. */
const SHOWN = [
	"I am the demo model: a script, not a language model.",
	"Write(cc-any-demo.txt)",
	"Update(cc-any-demo.txt)",
	"Done: a file was written, read, edited and shown",
	"5 requests to demo/demo",
];

const textOf = (svg: string) => svg.replace(/<[^>]+>/g, "");

/** Number of pieces when nothing more is drawn. Of the last line Claude Code may draw only what differs from the one before. */
async function piecesWhenQuiet({ printed }: Terminal): Promise<number> {
	let seen = -1;
	while (seen !== printed.length) {
		seen = printed.length;
		await delay(QUIET_MS);
	}
	return seen;
}

// UPDATE_CAPTURES=1 writes the picture; otherwise the run must still show what the picture shows.
test("the picture of the README: the demo in the real Claude Code", async () => {
	const sandbox = new Sandbox();
	markOnboarded(sandbox);
	rmSync(sandbox.path("bin/claude"));
	symlinkSync(CLAUDES[1][1], sandbox.path("bin/claude"));
	const words = [CC_ANY, "--profile", "demo", "--allowedTools", "Write,Read,Edit,Bash"];
	const PATH = [sandbox.path("bin"), process.env["PATH"]].join(delimiter);
	const environment = cleanEnvironment(sandbox, { PATH, TERM: "xterm-256color", COLORTERM: "truecolor" });
	const terminal = new Terminal(process.execPath, words, sandbox.path("work"), environment, SIZE);
	onTestFailed(() => console.log(terminal.text.slice(-1500)));
	await terminal.shows("❯");
	await terminal.type("Show me what you can do", { delayMs: 60 });
	await terminal.press("\r", () => terminal.text.includes("Iamthedemomodel"));
	await terminal.shows("Done: a file was written");
	const pieces = await piecesWhenQuiet(terminal);
	await terminal.press("\x03", () => terminal.hasEnded);
	const command = "$ cc-any --profile demo --allowedTools Write,Read,Edit,Bash\r\n";
	const printed = [{ atMs: 0, text: command }, ...terminal.printed].map(({ atMs, text }, index) => ({
		atMs: index > pieces ? atMs + HOLD_MS : atMs,
		text: text.replaceAll(sandbox.path("work"), "~/project"),
	}));
	const svg = svgOf(await framesOf(printed, SIZE), {
		title: "Claude Code on the demo model of cc-any",
		holdMs: HOLD_MS,
	});
	sandbox.close();
	if (process.env["UPDATE_CAPTURES"]) writeFileSync(PICTURE, svg);
	for (const shown of SHOWN) {
		expect(textOf(svg)).toContain(shown);
		expect(textOf(readFileSync(PICTURE, "utf8"))).toContain(shown);
	}
}, 60_000);
