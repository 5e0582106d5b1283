import type { MessageRequest } from "../protocol/messages.ts";
import type { RepairContext, RequestRepair, ResponseRepair } from "./repair.ts";
import { assistantTurns } from "./request/assistant-turns.ts";
import { billingLine } from "./request/billing-line.ts";
import { emptyText } from "./request/empty-text.ts";
import { firstUserTurn } from "./request/first-user-turn.ts";
import { leakedHistory } from "./request/leaked-history.ts";
import { misplacedToolResults } from "./request/misplaced-tool-results.ts";
import { missingToolResults } from "./request/missing-tool-results.ts";
import { orphanToolResults } from "./request/orphan-tool-results.ts";
import { repeatedCalls } from "./request/repeated-calls.ts";
import { repeatedToolIds } from "./request/repeated-tool-ids.ts";
import { unparsedToolInput } from "./request/unparsed-tool-input.ts";
import { compactionCall } from "./response/compaction-call.ts";
import { controlTokens } from "./response/control-tokens.ts";
import { duplicatedReasoning } from "./response/duplicated-reasoning.ts";
import { emptyTurn } from "./response/empty-turn.ts";
import { leakedToolCalls } from "./response/leaked-tool-calls.ts";
import { missingParameters } from "./response/missing-parameters.ts";
import { missingUsage } from "./response/missing-usage.ts";
import { multiToolUse } from "./response/multi-tool-use.ts";
import { stopSequences } from "./response/stop-sequences.ts";
import { thinkTags } from "./response/think-tags.ts";
import { toolInput } from "./response/tool-input.ts";

/** In order of execution, each with the reason for its position. */
export const requestRepairs: readonly RequestRepair[] = [
	repeatedCalls, // first: it counts what Claude Code really sent
	billingLine, // it changes with every request and would defeat prefix caches
	unparsedToolInput, // arguments must be JSON
	leakedHistory, // before empty texts are removed, because it leaves some
	emptyText, // before the others, so that they see no empty turns
	assistantTurns, // the calls of one turn must be in one message before their results are matched
	repeatedToolIds, // from here on an id identifies one call
	misplacedToolResults, // before the two that look for results and calls without a counterpart
	assistantTurns, // again: turns with nothing but moved results are gone
	orphanToolResults, // results without a call
	missingToolResults, // calls without a result
	firstUserTurn, // last: the first turn is final now
];

/** In order of execution, each with the reason for its position. */
export const responseRepairs: readonly ResponseRepair[] = [
	thinkTags, // first: nothing else is looked for in the reasoning that it finds
	duplicatedReasoning, // needs all reasoning
	stopSequences, // before leaked calls: those before the stop are kept
	leakedToolCalls, // the later ones repair the calls that it finds
	multiToolUse, // the next one repairs the calls that it finds
	toolInput, // leaked and proper calls
	compactionCall, // before the calls are completed
	missingParameters, // after the repairs that may complete a call
	controlTokens, // after the repairs that read such tokens
	emptyTurn, // after everything that removes content
	missingUsage, // last: it counts what is really sent
];

/** The request after all repairs that are not disabled. The same object when none changed it. */
export function repairRequest(
	request: MessageRequest,
	context: Omit<RepairContext, "request">,
	disabled: readonly string[] = [],
): MessageRequest {
	const repairs = requestRepairs.filter((repair) => !disabled.includes(repair.name));
	return repairs.reduce((repaired, repair) => repair.apply(repaired, context), request);
}
