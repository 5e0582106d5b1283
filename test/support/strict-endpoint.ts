import { CODECS } from "../../src/dialects/index.ts";
import { encodeRequest } from "../../src/pipeline/build.ts";
import type { DialectName } from "../../src/profile/model/quirks.ts";
import type { Target } from "../../src/profile/model/target.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { adapt } from "../../src/proxy/learning/adapt.ts";
import { LearnedFacts } from "../../src/proxy/learning/learned-facts.ts";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { counter, makeTarget } from "./fixture.ts";

export type Body = Record<string, unknown>;
/** The error of an endpoint for a request; undefined when it accepts the request. */
export type Endpoint = (body: Body) => unknown;

interface Exchange {
	bodies: Body[];
	answered: boolean;
	divergences: Divergence[];
}

/** Sends a request until the endpoint accepts it, or until nothing can be left out. */
export async function send(
	request: MessageRequest,
	first: Target,
	endpoint: Endpoint,
	learned = new LearnedFacts(),
): Promise<Exchange> {
	const dialect = CODECS[first.dialect];
	const divergences: Divergence[] = [];
	const note = (divergence: Divergence) => void divergences.push(divergence);
	const bodies: Body[] = [];
	for (let target = learned.apply(first); bodies.length < 20; ) {
		const { outgoing } = encodeRequest(request, { dialect, target, mintId: counter(), note }, []);
		bodies.push(outgoing.body);
		const error = endpoint(outgoing.body);
		if (error === undefined) return { bodies, answered: true, divergences };
		const text = typeof error === "string" ? JSON.stringify({ error: { message: error } }) : JSON.stringify(error);
		const failure = classifyFailure({ status: 400, headers: {}, body: text });
		const adaptation = adapt(target, failure, learned, { ...outgoing, requestChars: 1000 });
		if (!adaptation) break;
		divergences.push({ where: "upstream", seen: failure.message, ...adaptation });
		target = adaptation.target;
	}
	return { bodies, answered: false, divergences };
}

export const REQUEST: MessageRequest = {
	model: "claude",
	max_tokens: 2000,
	stream: true,
	temperature: 1,
	top_p: 0.9,
	stop_sequences: ["END"],
	thinking: { type: "adaptive" },
	output_config: { effort: "max" },
	metadata: { user_id: "u" },
	system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", scope: "global" } as never }],
	tool_choice: { type: "auto", disable_parallel_tool_use: true },
	tools: ["Read", "Write"].map((name) => ({
		name,
		description: "A tool.",
		input_schema: { type: "object", properties: { temperature: { type: "number" } } },
		cache_control: { type: "ephemeral", scope: "global" } as never,
		eager_input_streaming: true,
	})),
	messages: [
		{ role: "user", content: "What is in /a?" },
		{
			role: "assistant",
			content: [
				{ type: "thinking", thinking: "I read it.", signature: "s" },
				{ type: "tool_use", id: "toolu_1", name: "Read", input: { temperature: 3 } },
			],
		},
		{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "text" }] },
	],
};

export const TARGETS: Record<DialectName, Target> = {
	"openai-chat": makeTarget("openai-chat", {
		quirks: {
			thinkingOn: { thinking: { type: "enabled" } },
			effortField: "reasoning_effort",
			effortValues: { max: "max" },
			parallelToolCallsField: true,
			strictFalse: true,
			reasoningRequired: "always",
			extraBody: { seed: 1, metadata: { a: "b" } },
			userIdField: "user",
		},
	}),
	"openai-responses": makeTarget("openai-responses", {
		quirks: {
			thinkingOn: { reasoning: { summary: "auto" } },
			effortField: "reasoning.effort",
			effortValues: { max: "xhigh" },
			strictFalse: true,
			extraBody: { truncation: "disabled" },
		},
	}),
	anthropic: makeTarget("anthropic", {
		quirks: { thinkingTypes: ["adaptive", "enabled", "disabled"], userIdField: "raw", effortValues: {} },
	}),
	gemini: makeTarget("gemini", {
		quirks: {
			thinkingOn: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
			effortField: "generationConfig.thinkingConfig.thinkingLevel",
			effortValues: { max: "high" },
		},
	}),
};
