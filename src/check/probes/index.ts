import type { Probe } from "../probe.ts";
import { cacheReuse } from "./conversation/cache-reuse.ts";
import { callAfterError } from "./conversation/call-after-error.ts";
import { callAfterThinking } from "./conversation/call-after-thinking.ts";
import { contextRecall } from "./conversation/context-recall.ts";
import { image } from "./conversation/image.ts";
import { longHistory } from "./conversation/long-history.ts";
import { pdf } from "./conversation/pdf.ts";
import { resultPairing } from "./conversation/result-pairing.ts";
import { systemInPlace } from "./conversation/system-in-place.ts";
import { thinkingOff } from "./reasoning/thinking-off.ts";
import { thinkingOn } from "./reasoning/thinking-on.ts";
import { thinkingRoundTrip } from "./reasoning/thinking-round-trip.ts";
import { firstToken } from "./stream/first-token.ts";
import { maxTokens } from "./stream/max-tokens.ts";
import { overflow } from "./stream/overflow.ts";
import { requestsAtOnce } from "./stream/requests-at-once.ts";
import { stopSequence } from "./stream/stop-sequence.ts";
import { streaming } from "./stream/streaming.ts";
import { tokenCount } from "./stream/token-count.ts";
import { usage } from "./stream/usage.ts";
import { forbiddenChoice } from "./tools/forbidden-choice.ts";
import { forcedChoice } from "./tools/forced-choice.ts";
import { fortyTools } from "./tools/forty-tools.ts";
import { longArguments } from "./tools/long-arguments.ts";
import { nestedQuestion } from "./tools/nested-question.ts";
import { noParameterTool } from "./tools/no-parameter-tool.ts";
import { noToolNeeded } from "./tools/no-tool-needed.ts";
import { parallelCalls } from "./tools/parallel-calls.ts";
import { referencedSchema } from "./tools/referenced-schema.ts";
import { similarNames } from "./tools/similar-names.ts";
import { singleCall } from "./tools/single-call.ts";
import { structuredOutput } from "./tools/structured-output.ts";
import { todoList } from "./tools/todo-list.ts";
import { unicodeAndEscapes } from "./tools/unicode-and-escapes.ts";

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
