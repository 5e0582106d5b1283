import { dollars, duration } from "../../../platform/figures.ts";
import { modelOf, type Profile } from "../../../profile/model/profile.ts";
import type { Price } from "../../../profile/model/target.ts";
import type { MessageEvent } from "../../../protocol/events.ts";
import { collectEvents } from "../../../protocol/message-events.ts";
import type { Message, ToolUseBlock } from "../../../protocol/messages.ts";
import { ruleOf } from "../../../trace/explain/rules/index.ts";
import { costOf } from "../../../trace/record/cost.ts";
import type { ExchangeRecord } from "../../../trace/record/exchange-record.ts";
import type { FailureClass } from "../../../upstream/failures/table.ts";
import { openUnrecorded, Resources } from "../../session.ts";
import type { DoctorFinding } from "./finding.ts";

const CHECK = "tool call";

/** Time limit of the reply: enough for a thinking model. */
const REPLY_TIMEOUT_MS = 120_000;

/** One of Claude Code's own tools, which the demo model knows too. It is offered, never executed. */
const TOOL = {
	name: "Read",
	description: "Reads a file",
	input_schema: {
		type: "object",
		properties: { file_path: { type: "string", description: "Absolute path" } },
		required: ["file_path"],
	},
};

/** Asks the model for one tool call, streamed, through a proxy as in a run. Uses a few hundred tokens. */
export async function examineToolCall(
	profile: Profile,
): Promise<{ finding: DoctorFinding; failureClass?: FailureClass | undefined }> {
	const resources = new Resources();
	const records: ExchangeRecord[] = [];
	try {
		const proxy = await openUnrecorded({ profile, onExchange: (record) => records.push(record) }, resources);
		const events = await ask(proxy, profile.tiers.opus);
		await resources.release();
		return {
			finding: judge(events, records[0], modelOf(profile, profile.tiers.opus).price),
			failureClass: records[0]?.failureClass,
		};
	} catch (error) {
		if (!(error instanceof Error) || error.name !== "TimeoutError") throw error;
		const text = `no complete reply within ${REPLY_TIMEOUT_MS / 1000} s`;
		const fix = "a model that is this slow is not usable here: try a smaller one";
		return { finding: { check: CHECK, state: "failed", text, fix } };
	} finally {
		await resources.release();
	}
}

async function ask({ url, token }: { url: string; token: string }, model: string): Promise<MessageEvent[]> {
	const response = await fetch(`${url}/v1/messages`, {
		method: "POST",
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		body: JSON.stringify({
			model,
			max_tokens: 2048,
			stream: true,
			system: "You are testing a tool call. Call the tool at once; write no text.",
			messages: [{ role: "user", content: "Read the file /tmp/example.txt with the Read tool." }],
			tools: [TOOL],
		}),
		signal: AbortSignal.timeout(REPLY_TIMEOUT_MS),
	});
	const text = await response.text();
	if (!response.ok) return [JSON.parse(text) as MessageEvent];
	const data = text.split("\n").filter((line) => line.startsWith("data: "));
	return data.map((line) => JSON.parse(line.slice("data: ".length)) as MessageEvent);
}

function judge(
	events: readonly MessageEvent[],
	record: ExchangeRecord | undefined,
	price: Price | undefined,
): DoctorFinding {
	const failure = events.find((event) => event.type === "error");
	if (failure) {
		const [text = "", advice = ""] = failure.error.message.split("\n");
		return { check: CHECK, state: "failed", text, fix: advice.replace(/ \[[^[\]]*\]$/, "") };
	}
	const message = collectEvents(events);
	const call = message?.content.find((block): block is ToolUseBlock => block.type === "tool_use");
	if (!call) return answeredInWords(message);
	const input = call.input as { file_path?: unknown };
	if (call.name !== TOOL.name || typeof input.file_path !== "string") {
		const text = `a call that does not match the tool: ${call.name} ${JSON.stringify(input).slice(0, 120)}`;
		return { check: CHECK, state: "failed", text, fix: "this model is not suitable for Claude Code: use another one" };
	}
	return { check: CHECK, state: "ok", text: ["streamed and complete", ...figures(record, price)].join(", ") };
}

function answeredInWords(message: Message | undefined): DoctorFinding {
	const text = `the model answered without calling the tool (stop reason ${message?.stop_reason ?? "none"})`;
	return {
		check: CHECK,
		state: "warning",
		text,
		fix: "run it again; a model that does this often is not suitable for Claude Code",
	};
}

function figures(record: ExchangeRecord | undefined, price: Price | undefined): string[] {
	if (!record) return [];
	const cost = costOf(record.usage, price);
	const kinds = record.divergences.map(({ kind }) => kind).filter((kind) => !ruleOf(kind)?.routine);
	return [
		...(record.firstToken === undefined ? [] : [`first content after ${duration(record.firstToken)}`]),
		cost === undefined ? "cost unknown" : dollars(cost),
		...(kinds.length > 0 ? [`repaired: ${[...new Set(kinds)].join(", ")}`] : []),
	];
}
