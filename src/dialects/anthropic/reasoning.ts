import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Thinking } from "../../protocol/messages.ts";
import { budgetWithin, wantsThinking } from "../reasoning/thinking-request.ts";

/** `thinking` and the effort in a form that the endpoint accepts. The same object when nothing changes. */
export function adaptThinking(request: MessageRequest, target: Target, note: Note): MessageRequest {
	return adaptEffort(adaptSwitch(request, target, note), target, note);
}

function adaptSwitch(request: MessageRequest, target: Target, note: Note): MessageRequest {
	const { quirks } = target;
	const wanted = wantsThinking(request);
	const fields = wanted ? quirks.thinkingOn : target.thinking === "always" ? {} : quirks.thinkingOff;
	const given = request.thinking;
	const thinking = target.thinking === "none" ? undefined : acceptedForm(given, request, target);
	if (thinking === given && Object.keys(fields).length === 0) return request;
	if (thinking !== given && given) {
		note({
			kind: "thinking",
			where: "request.thinking",
			seen: given.type,
			done: thinking ? `sent as ${thinking.type}` : "not sent",
		});
	}
	const { thinking: _given, ...rest } = request;
	return target.thinking === "none" ? rest : { ...rest, ...(thinking && { thinking }), ...fields };
}

/** The requested thinking in a form that the model accepts; undefined: the field is not sent. */
function acceptedForm(thinking: Thinking | undefined, request: MessageRequest, target: Target): Thinking | undefined {
	const { thinkingTypes } = target.quirks;
	if (!thinking) return undefined;
	if (thinking.type === "disabled") {
		return target.thinking !== "always" && thinkingTypes.includes("disabled") ? thinking : undefined;
	}
	if (thinkingTypes.includes(thinking.type))
		return thinking.type === "enabled" ? withBudget(thinking, request) : thinking;
	if (thinking.type === "enabled") return { type: "adaptive" };
	return withBudget({ type: "enabled", budget_tokens: Number.POSITIVE_INFINITY }, request);
}

function withBudget(thinking: Thinking & { type: "enabled" }, request: MessageRequest): Thinking | undefined {
	const budget_tokens = budgetWithin(thinking.budget_tokens, request);
	if (budget_tokens === thinking.budget_tokens) return thinking;
	return budget_tokens === undefined ? undefined : { ...thinking, budget_tokens };
}

function adaptEffort(request: MessageRequest, target: Target, note: Note): MessageRequest {
	const effort = request.output_config?.effort;
	if (effort === undefined) return request;
	const { effortWithoutThinking, effortValues } = target.quirks;
	const isWanted = target.thinking !== "none" && (wantsThinking(request) || effortWithoutThinking);
	const isKnown = Object.keys(effortValues).length === 0 ? effort : effortValues[effort];
	const sent = isWanted ? isKnown : undefined;
	if (sent === effort) return request;
	note({
		kind: "effort",
		where: "request.output_config.effort",
		seen: effort,
		done: sent ? `sent as ${sent}` : "not sent",
	});
	const { effort: _effort, ...others } = request.output_config ?? {};
	const output_config = sent === undefined ? others : { ...others, effort: sent };
	if (Object.keys(output_config).length > 0) return { ...request, output_config };
	const { output_config: _config, ...rest } = request;
	return rest;
}
