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
import { controlTokens } from "./response/control-tokens.ts";
import { duplicatedReasoning } from "./response/duplicated-reasoning.ts";
import { emptyTurn } from "./response/empty-turn.ts";
import { leakedToolCalls } from "./response/leaked-tool-calls.ts";
import { missingParameters } from "./response/missing-parameters.ts";
import { missingUsage } from "./response/missing-usage.ts";
import { stopSequences } from "./response/stop-sequences.ts";
import { thinkTags } from "./response/think-tags.ts";
import { toolInput } from "./response/tool-input.ts";

/** In this order, one reason a line. */
export const requestRepairs: readonly RequestRepair[] = [
	repeatedCalls, // before anything is moved: it counts what Claude Code really sent
	billingLine, // changes every turn and would break every prefix cache
	unparsedToolInput, // arguments in history must be what a model could have sent
	leakedHistory, // before the empty texts go, because it leaves some
	emptyText, // empty content is refused; before the others, so that they see no empty turns
	assistantTurns, // calls of one turn must stand in one message before their results are looked for
	repeatedToolIds, // from here on an id names one call
	misplacedToolResults, // results to their calls, before the two that judge what has none
	assistantTurns, // again: a turn that held nothing but moved results is gone
	orphanToolResults, // results without a call
	missingToolResults, // calls without a result
	firstUserTurn, // last: only now is it clear which turn is the first
];

/** In this order, one reason a line. */
export const responseRepairs: readonly ResponseRepair[] = [
	thinkTags, // first: what it finds is reasoning, in which nothing else is looked for
	duplicatedReasoning, // reasoning of both kinds is known now
	stopSequences, // before the calls are looked for: those that come before the stop are kept
	leakedToolCalls, // what it finds are tool calls, which the later ones repair like any other
	toolInput, // calls of both kinds
	missingParameters, // what the repairs before could not complete
	controlTokens, // after the two that read such tokens
	emptyTurn, // judges what is left of the reply
	missingUsage, // last: it counts what is really sent on
];

/** The request after all repairs that are not switched off; the same object when none had anything to do. */
export function repairRequest(
	request: MessageRequest,
	context: Omit<RepairContext, "request">,
	disabled: readonly string[] = [],
): MessageRequest {
	const repairs = requestRepairs.filter((repair) => !disabled.includes(repair.name));
	return repairs.reduce((repaired, repair) => repair.apply(repaired, context), request);
}
