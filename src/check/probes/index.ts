import type { Probe } from "../probe.ts";
import { cacheReuse } from "./cache-reuse.ts";
import { callAfterError } from "./call-after-error.ts";
import { callAfterThinking } from "./call-after-thinking.ts";
import { contextRecall } from "./context-recall.ts";
import { firstToken } from "./first-token.ts";
import { forbiddenChoice } from "./forbidden-choice.ts";
import { forcedChoice } from "./forced-choice.ts";
import { fortyTools } from "./forty-tools.ts";
import { image } from "./image.ts";
import { longArguments } from "./long-arguments.ts";
import { longHistory } from "./long-history.ts";
import { maxTokens } from "./max-tokens.ts";
import { nestedQuestion } from "./nested-question.ts";
import { noParameterTool } from "./no-parameter-tool.ts";
import { noToolNeeded } from "./no-tool-needed.ts";
import { overflow } from "./overflow.ts";
import { parallelCalls } from "./parallel-calls.ts";
import { pdf } from "./pdf.ts";
import { referencedSchema } from "./referenced-schema.ts";
import { requestsAtOnce } from "./requests-at-once.ts";
import { resultPairing } from "./result-pairing.ts";
import { similarNames } from "./similar-names.ts";
import { singleCall } from "./single-call.ts";
import { stopSequence } from "./stop-sequence.ts";
import { streaming } from "./streaming.ts";
import { structuredOutput } from "./structured-output.ts";
import { systemInPlace } from "./system-in-place.ts";
import { thinkingOff } from "./thinking-off.ts";
import { thinkingOn } from "./thinking-on.ts";
import { thinkingRoundTrip } from "./thinking-round-trip.ts";
import { todoList } from "./todo-list.ts";
import { tokenCount } from "./token-count.ts";
import { unicodeAndEscapes } from "./unicode-and-escapes.ts";
import { usage } from "./usage.ts";

/** In the order in which they are run and shown. */
export const PROBES: readonly Probe[] = [
	singleCall,
	parallelCalls,
	callAfterError,
	callAfterThinking,
	resultPairing,
	longArguments,
	unicodeAndEscapes,
	noParameterTool,
	nestedQuestion,
	referencedSchema,
	todoList,
	forcedChoice,
	forbiddenChoice,
	noToolNeeded,
	fortyTools,
	similarNames,
	longHistory,
	systemInPlace,
	thinkingOn,
	thinkingOff,
	thinkingRoundTrip,
	image,
	pdf,
	structuredOutput,
	stopSequence,
	maxTokens,
	usage,
	cacheReuse,
	tokenCount,
	streaming,
	firstToken,
	requestsAtOnce,
	overflow,
	contextRecall,
];
