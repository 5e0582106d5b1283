// The main job on a fresh machine: the real Claude Code, driven by the built-in demo model. No key, no network.
// Runs `cc-any --profile demo -p …` in a folder of its own and prints what Claude Code does, call by call.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cc-any-demo-"));
const args = ["--profile", "demo", "-p", "Show me what you can do", "--allowedTools", "Write,Read,Edit,Bash"];
const output = ["--output-format", "stream-json", "--verbose"];

console.log(`$ cc-any ${args.map((arg) => (arg.includes(" ") ? JSON.stringify(arg) : arg)).join(" ")}\n`);
const child = spawn(process.execPath, [join(root, "bin/cc-any.js"), ...args, ...output], {
	cwd: folder,
	stdio: ["ignore", "pipe", "inherit"],
	env: {
		// Nothing of the user's is read or changed: an empty home, and the claude of this checkout.
		HOME: folder,
		USERPROFILE: folder,
		PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
		...(process.env.NO_COLOR && { NO_COLOR: process.env.NO_COLOR }),
	},
});

for await (const line of createInterface({ input: child.stdout })) show(JSON.parse(line));
const code = child.exitCode ?? (await new Promise((resolve) => child.once("exit", resolve)));
rmSync(folder, { recursive: true, force: true });
process.exitCode = code ?? 1;

/** Prints one line of Claude Code's own event stream. */
function show(event) {
	if (event.type === "system" && event.subtype === "init") {
		console.log(`Claude Code ${event.claude_code_version ?? ""} with the model "${event.model}"\n`);
	}
	for (const block of event.message?.content ?? []) {
		if (event.type === "assistant" && block.type === "text") console.log(`● ${block.text}`);
		if (block.type === "tool_use") console.log(`● ${block.name}(${summary(block.input)})`);
		if (block.type === "tool_result") console.log(`  ⎿  ${firstLine(block.content)}`);
	}
	if (event.type === "result") {
		const seconds = (event.duration_ms / 1000).toFixed(1);
		console.log(`\n${event.is_error ? "failed" : "finished"}: ${event.num_turns} turns in ${seconds} s`);
	}
}

function summary(input) {
	const value = input.command ?? input.file_path ?? JSON.stringify(input);
	return value.replace(`${folder}/`, "");
}

function firstLine(content) {
	const text = typeof content === "string" ? content : content.map((part) => part.text ?? "").join(" ");
	return text.replaceAll(`${folder}/`, "").split("\n")[0];
}
