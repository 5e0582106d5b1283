import type { Probe } from "../probe.ts";
import { image, pdf } from "./attachments.ts";
import { noParameterTool, parallelCalls, singleCall, uniqueIds } from "./calls.ts";
import { forbiddenChoice, forcedChoice, noToolNeeded } from "./choice.ts";
import { contextRecall, overflow } from "./context-window.ts";
import { cacheReuse, servedModel, tokenCount, usage } from "./counts.ts";
import { longArguments, unicodeAndEscapes, unicodeText } from "./exact-inputs.ts";
import { callAfterError, longHistory, resultPairing, systemInPlace } from "./history.ts";
import { maxTokens, stopSequence } from "./limits.ts";
import { fortyTools, similarNames } from "./many-tools.ts";
import { nestedQuestion, referencedSchema, todoList } from "./nested-inputs.ts";
import { structuredOutput } from "./structured-output.ts";
import { callAfterThinking, thinkingOff, thinkingOn, thinkingRoundTrip } from "./thinking.ts";
import { firstToken, requestsAtOnce, streaming } from "./timing.ts";

/** In the order in which they are run and shown. */
export const PROBES: readonly Probe[] = [
	singleCall,
	parallelCalls,
	uniqueIds,
	callAfterError,
	callAfterThinking,
	resultPairing,
	longArguments,
	unicodeAndEscapes,
	unicodeText,
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
	servedModel,
	usage,
	cacheReuse,
	tokenCount,
	streaming,
	firstToken,
	requestsAtOnce,
	overflow,
	contextRecall,
];
