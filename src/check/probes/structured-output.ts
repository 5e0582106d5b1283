import type { Json } from "../../protocol/messages.ts";
import { violations } from "../../repairs/json-schema.ts";
import { plainQuestion } from "../materials/conversation.ts";
import type { Probe } from "../probe.ts";
import { failed, judgeText, passed, textOf } from "../run/judge.ts";

const SCHEMA = {
	type: "object",
	properties: { file: { type: "string" }, line: { type: "integer" }, severe: { type: "boolean" } },
	required: ["file", "line", "severe"],
	additionalProperties: false,
};

export const structuredOutput: Probe = {
	name: "structured-output",
	claim: "an answer that must follow a JSON schema is JSON that fits it",
	weight: 1,
	async run(ask) {
		const output_config = { format: { type: "json_schema", schema: SCHEMA } };
		const text = "The bug is in parser.ts in line 88, and it is severe. Report it as JSON.";
		const answer = await ask(plainQuestion(text, { output_config }));
		const outcome = judgeText(answer, /^\{[\s\S]*\}$/);
		return outcome.passed ? judgeJson(textOf(answer.message)) : outcome;
	},
};

function judgeJson(text: string): ReturnType<typeof passed> {
	try {
		const [violation] = violations(JSON.parse(text) as Json, SCHEMA, SCHEMA);
		return violation ? failed(violation) : passed(text);
	} catch (error) {
		return failed(String(error));
	}
}
