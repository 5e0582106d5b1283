import { expect, test } from "vitest";
import type { InputRule } from "../../src/profile/model/target.ts";
import { toolInput } from "../../src/repairs/response/tool-input.ts";
import { repairInput } from "../../src/repairs/tool-input/repair-input.ts";
import { call, reply } from "../support/event-lines.ts";
import { profileHome, userError } from "../support/profile-home.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";

const bash = sampleRequest.tools?.find(({ name }) => name === "Bash");
const repair = (input: object, ...rules: InputRule[]) => repairInput(JSON.stringify(input), bash, rules);
const rule = (rest: Omit<InputRule, "tool" | "field">, field = "timeout", tool = "Bash"): InputRule => ({
	tool,
	field,
	...rest,
});

test.each<[string, InputRule, object, string]>([
	["remove", rule({ action: "remove" }), {}, "timeout left out"],
	["remove one value", rule({ value: 5, action: "remove" }), {}, "timeout left out"],
	["set", rule({ value: 5, action: "set", to: 5000 }), { timeout: 5000 }, "timeout set to 5000"],
	["rename", rule({ action: "rename", to: "description" }), { description: "5" }, "timeout renamed to description"],
])("%s", (_name, given, rest, done) => {
	const { input, findings } = repair({ command: "ls", timeout: 5 }, given);
	expect(input).toEqual({ command: "ls", ...rest });
	expect(findings[0]).toBe(`${done} (repairs in the profile)`);
});

test.each<[string, InputRule]>([
	["another value", rule({ value: 6, action: "remove" })],
	["another tool", rule({ action: "remove" }, "timeout", "Read")],
	["another field", rule({ action: "remove" }, "description")],
	["a name that is taken", rule({ action: "rename", to: "command" })],
])("not for %s", (_name, given) => {
	expect(repair({ command: "ls", timeout: 5 }, given)).toEqual({ findings: [] });
});

test("lists and objects are compared by what they hold, and rules follow each other", () => {
	const rules = [rule({ value: [1, { a: 2 }], action: "set", to: 1 }), rule({ value: 1, action: "set", to: 2 })];
	expect(repair({ command: "ls", timeout: [1, { a: 2 }] }, ...rules).input).toEqual({ command: "ls", timeout: 2 });
});

test("the rules of a target are applied to a reply, and recorded", () => {
	const events = reply([call("Bash", { command: "ls", timeout: 5 })], "tool_use");
	const repairs = [rule({ value: 5, action: "set", to: 5000 })];
	const { content, notes } = runRepairs([toolInput], events, sampleRequest, {}, repairs);
	expect(content).toMatchObject([{ input: { command: "ls", timeout: 5000 } }]);
	expect(notes).toMatchObject([{ kind: "tool-input", done: "timeout set to 5000 (repairs in the profile)" }]);
});

test("they are read from the config, and mistakes are named", async () => {
	const home = profileHome({ KIMI_API_KEY: "sk-k" });
	const write = (line: string) => home.write(".config/cc-any/config.yaml", `profile: kimi\nrepairs:\n  - ${line}\n`);
	write("{ tool: Read, field: pages, value: null, action: remove }");
	expect((await home.resolve()).repairs).toEqual([{ tool: "Read", field: "pages", value: null, action: "remove" }]);
	for (const [line, message] of [
		["{ tool: Read, field: pages, action: delete }", '"delete" is not allowed; allowed: remove, set, rename'],
		["{ tool: Read, action: remove }", "field: is missing"],
		["{ tool: Read, field: pages, action: set }", "must have the new value as `to` with the action set"],
		["{ tool: Read, field: pages, action: rename, to: 5 }", "must have the new name as `to` with the action rename"],
		["{ tool: Read, field: pages, action: remove, to: x }", "must have no `to` with the action remove"],
		["{ tool: Read, field: pages, action: remove, when: x }", "unknown field"],
	] as const) {
		write(line);
		expect((await userError(home.resolve())).message).toContain(message);
	}
});
