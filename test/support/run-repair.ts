import { expect } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { QuirksInput } from "../../src/profile/model/quirks.ts";
import type { InputRule } from "../../src/profile/model/target.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { MessageCollector } from "../../src/protocol/message-events.ts";
import type { ContentBlock, MessageRequest } from "../../src/protocol/messages.ts";
import { chain, runStage } from "../../src/protocol/stage.ts";
import type { RepairContext, ResponseRepair } from "../../src/repairs/repair.ts";
import { testProfile } from "./profile.ts";

const schema = (properties: object, required: string[] = [], more: object = {}) => ({
	type: "object",
	properties,
	required,
	...more,
});
const todo = schema({ content: { type: "string" }, status: { type: "string" }, priority: { type: "integer" } });

/** A request that offers tools like Claude Code's. */
export const sampleRequest: MessageRequest = {
	model: "m",
	messages: [{ role: "user", content: "go" }],
	tools: [
		{
			name: "Read",
			input_schema: schema(
				{ file_path: { type: "string" }, limit: { type: "integer" }, pages: { type: "string" } },
				["file_path"],
				{ additionalProperties: false },
			),
		},
		{
			name: "Bash",
			input_schema: schema(
				{
					command: { type: "string" },
					timeout: { type: "number" },
					run_in_background: { type: "boolean" },
					description: { type: "string" },
				},
				["command"],
				{ additionalProperties: false },
			),
		},
		{
			name: "Edit",
			input_schema: schema(
				{
					file_path: { type: "string" },
					old_string: { type: "string" },
					new_string: { type: "string" },
					replace_all: { type: "boolean" },
				},
				["file_path", "old_string", "new_string"],
				{ additionalProperties: false },
			),
		},
		{
			name: "Write",
			input_schema: schema({ file_path: { type: "string" }, content: { type: "string" } }, ["file_path", "content"]),
		},
		{ name: "TodoWrite", input_schema: schema({ todos: { type: "array", items: todo } }, ["todos"]) },
		{ name: "mcp__db__query", input_schema: schema({ sql: { type: "string" }, options: { type: "object" } }) },
	],
};

export interface RepairRun {
	events: MessageEvent[];
	content: ContentBlock[];
	stop: string | null | undefined;
	stopSequence: string | null | undefined;
	notes: Divergence[];
}

/** Runs a reply through response repairs. Throws where the result breaks the grammar of a reply. */
export function runRepairs(
	repairs: readonly ResponseRepair[],
	events: readonly MessageEvent[],
	request: MessageRequest = sampleRequest,
	quirks: QuirksInput = {},
	ownRepairs?: InputRule[],
): RepairRun {
	const notes: Divergence[] = [];
	let minted = 0;
	const context: RepairContext = {
		request,
		target: targetOf(testProfile("http://127.0.0.1:9", { quirks, repairs: ownRepairs }), "test-model"),
		mintId: (prefix) => `${prefix}${++minted}`,
		note: (divergence) => notes.push(divergence),
		isCommitted: () => true,
	};
	const out = runStage(chain(repairs.map((repair) => repair.stage(context))), events);
	const check = grammarCheck();
	const collector = new MessageCollector();
	for (const event of out) {
		const violation = check(event);
		if (violation) expect.fail(violation);
		collector.push(event);
	}
	const { message } = collector;
	return {
		events: out,
		content: message?.content ?? [],
		stop: message?.stop_reason,
		stopSequence: message?.stop_sequence,
		notes,
	};
}
