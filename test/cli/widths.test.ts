import { stripVTControlCharacters } from "node:util";
import { spawn } from "@lydell/node-pty";
import { expect, test } from "vitest";
import { paragraph, table } from "../../src/cli/ui/table.ts";
import { chatStream, startFaultServer } from "../support/fault-server.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";

/** The commands that print tables. */
const COMMANDS = [
	...[
		"profiles",
		"profiles show kimi",
		"profiles show azure",
		"models kimi",
		"models openrouter",
		"models --search qwen",
		"keys list",
	],
	...["doctor kimi --offline", "trace", "trace show last", "usage"],
];

/** What the commands print, one after the other, in one terminal of this width. */
function run(sandbox: Sandbox, environment: Record<string, string>, cols: number): Promise<string> {
	const script = COMMANDS.map(
		(words) => `echo "$ ${words}"; "${process.execPath}" "${CC_ANY}" ${words} 2>/dev/null`,
	).join("\n");
	const terminal = spawn("sh", ["-c", script], { cwd: sandbox.path("work"), env: environment, cols, rows: 50 });
	let output = "";
	terminal.onData((data) => {
		output += data;
	});
	return new Promise((resolve) => terminal.onExit(() => resolve(stripVTControlCharacters(output))));
}

test("everything fits terminals of 60, 80 and 160 columns; only an address is longer", async () => {
	const sandbox = new Sandbox();
	const server = await startFaultServer([{ stream: chatStream({ content: "fine" }) }]);
	try {
		const profile = sandbox.profile(`${server.url}/v1`);
		const ask = { model: "opus", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] };
		const environment = sandbox.environment(
			{ ask },
			{ SAMPLE_API_KEY: "sk-sample-0123456789", CC_ANY_PROFILE: profile },
		);
		expect(await sandbox.ccAny([], environment).ended).toBe(0);
		for (const columns of [60, 80, 160]) {
			const output = await run(sandbox, environment, columns);
			const tooLong = output.split(/\r?\n/).filter((line) => line.length > columns && /\S\s+\S/.test(line.trim()));
			expect({ columns, tooLong }).toEqual({ columns, tooLong: [] });
			expect(output).not.toContain("error:");
		}
	} finally {
		sandbox.close();
		await server.close();
	}
}, 60_000);

test("the widest columns become narrower, and their cells go on in further lines", () => {
	const dim = (text: string) => `\u001b[2m${text}\u001b[22m`;
	const rows = [
		["first", "x", dim("https://example.test/a/long/path and words")],
		["second one", "x", "short"],
	];
	const lines = table(rows, 30).split("\n");
	expect(lines.map((line) => stripVTControlCharacters(line))).toEqual([
		"first       x  https://",
		"               example.test/a/",
		"               long/path and",
		"               words",
		"second one  x  short",
		"",
	]);
	// A style ends at the end of each line, so that it does not colour the next column.
	expect(lines[1]).toContain(`${dim("example.test/a/")}`);
	expect(table(rows, undefined).split("\n")).toHaveLength(3);
	expect(paragraph("one two three", "  ", 9)).toBe("  one two\n  three\n");
});
