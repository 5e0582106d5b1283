import { readFileSync } from "node:fs";
import type { MessageParam, ToolResultBlock, ToolUseBlock } from "../../src/protocol/messages.ts";

/** A session of tool calls, written as test/repairs/traces/healthy.txt says. */
export interface Trace {
	name: string;
	messages: MessageParam[];
}

export function readTraces(file: URL): Trace[] {
	const [, ...sections] = readFileSync(file, "utf8").split(/^## /m);
	return sections.map((section) => {
		const [name = "", ...lines] = section.trimEnd().split("\n");
		return { name, messages: messagesOf(repeated(lines)) };
	});
}

/** The lines of a section, those between `repeat` and `end` as often as it says. */
function repeated(lines: readonly string[]): string[] {
	const all: string[] = [];
	let block: string[] | undefined;
	let times = 1;
	for (const line of lines) {
		if (line.startsWith("repeat ")) [block, times] = [[], Number(line.slice("repeat ".length))];
		else if (line === "end") {
			const body = block ?? [];
			block = undefined;
			all.push(...Array.from({ length: times }, (_, index) => body.map((one) => filled(one, index + 1))).flat());
		} else (block ?? all).push(block ? line : filled(line, 1));
	}
	return all;
}

function filled(line: string, n: number): string {
	const minute = String(n % 60).padStart(2, "0");
	return line
		.replaceAll("{n}", String(n))
		.replace(/\{n\*(\d+)\}/g, (_, factor) => String(n * Number(factor)))
		.replaceAll("{clock}", `${minute}:${String((n * 7) % 60).padStart(2, "0")}`)
		.replaceAll("{seconds}", `${n + 1}.${(n * 37) % 100}s`)
		.replaceAll("{pid}", String(4000 + n * 13));
}

const USUAL_FIELD: Record<string, string> = { Bash: "command", Read: "file_path" };
const CALL = /^(\+ )?(\S+) (.*?) =([>!]) ?(.*)$/;

function messagesOf(lines: readonly string[]): MessageParam[] {
	const messages: MessageParam[] = [{ role: "user", content: "Please do the task." }];
	let calls: ToolUseBlock[] = [];
	let results: ToolResultBlock[] = [];
	for (const [index, line] of lines.entries()) {
		if (line.trim() === "") continue;
		if (line.startsWith("> ")) {
			messages.push({ role: "user", content: line.slice(2) });
			continue;
		}
		const [, parallel, name = "", input = "", kind, result = ""] = CALL.exec(line) ?? [];
		if (name === "") throw new Error(`not a call: ${line}`);
		if (!parallel) {
			[calls, results] = [[], []];
			messages.push({ role: "assistant", content: calls }, { role: "user", content: results });
		}
		const id = `toolu_${index}`;
		const content = result.replaceAll("\\n", "\n");
		calls.push({ type: "tool_use", id, name, input: inputOf(name, input) });
		results.push({ type: "tool_result", tool_use_id: id, content, is_error: kind === "!" });
	}
	return messages;
}

function inputOf(name: string, text: string): unknown {
	if (text.startsWith("{")) return JSON.parse(text);
	return { [USUAL_FIELD[name] ?? "input"]: text.replaceAll("\\n", "\n") };
}
