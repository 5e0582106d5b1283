import type { LeakFamily, Meant } from "../leak-family.ts";

const request =
	(head: string) =>
	([name, input]: Meant) =>
		[
			"<|plamo:begin_tool_request:plamo|>",
			`<|plamo:begin_tool_name:plamo|>${name}<|plamo:end_tool_name:plamo|>`,
			`<|plamo:begin_tool_arguments:plamo|>${head}${JSON.stringify(input)}<|plamo:end_tool_arguments:plamo|>`,
			"<|plamo:end_tool_request:plamo|>",
		].join("");
const CONSTRAIN = "<|plamo:constrain|>json<|plamo:msg|>";
const LS: Meant = ["Bash", { command: "ls" }];
const whole = (calls: string) => `<|plamo:begin_tool_requests:plamo|>${calls}<|plamo:end_tool_requests:plamo|>`;

export const plamo: LeakFamily = {
	grammar: "plamo",
	write: (calls) => whole(calls.map(request(CONSTRAIN)).join("")),
	also: [
		["no constraint", whole(request("<|plamo:msg|>")(LS)), [LS]],
		["no block", request(CONSTRAIN)(LS), [LS]],
		["lines between the tokens", whole(`\n${request(CONSTRAIN)(LS)}\n`), [LS]],
	],
	unterminated: [
		["not closed", `<|plamo:begin_tool_requests:plamo|>${request(CONSTRAIN)(LS)}`, [LS]],
		["in the arguments", request(CONSTRAIN)(LS).replace(/ls.*/, "l"), []],
	],
	nearMisses: ["<|plamo:begin_tool_requests:plamo|> is a token", whole(request(CONSTRAIN)(["Launch", {}]))],
};
