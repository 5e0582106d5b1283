import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Tool, ToolChoice } from "../../protocol/messages.ts";
import { toolChoiceSupport } from "../reasoning/thinking-wish.ts";
import { limitTools, offeredTools, unavailableToolText } from "./offered-tools.ts";
import { adaptToolChoice } from "./tool-choice.ts";

export interface ToolOffer {
	tools: Tool[];
	/** The caller's wish in a form the provider takes; undefined: the field is not sent. */
	choice: ToolChoice | undefined;
	/** What has to be said in words, because the provider has no field for it. */
	instructions: string[];
}

/** The tools that the model is offered, and the choice among them. Without tools there is no choice. */
export function toolOffer(request: MessageRequest, { quirks }: Target, note: Note): ToolOffer {
	const offered = offeredTools(request, quirks, note);
	const instructions = offered.unavailable.length > 0 ? [unavailableToolText(offered.unavailable)] : [];
	const tools = limitTools(offered.tools, quirks.maxTools, note);
	if (tools.length === 0) return { tools, choice: undefined, instructions };
	const adapted = adaptToolChoice(request.tool_choice, tools, toolChoiceSupport(request, quirks), note);
	if (adapted.instruction) instructions.push(adapted.instruction);
	return { tools: adapted.tools, choice: adapted.choice, instructions };
}

/** OpenAI's `parallel_tool_calls`, where the caller has a wish and the provider takes the field. */
export function parallelField(request: MessageRequest, quirks: Quirks, note: Note): { parallel_tool_calls?: boolean } {
	const choice = request.tool_choice;
	if (!choice || !("disable_parallel_tool_use" in choice)) return {};
	if (quirks.parallelToolCallsField) return { parallel_tool_calls: !choice.disable_parallel_tool_use };
	note({
		kind: "parallel-tool-use",
		where: "request.tool_choice",
		seen: "disable_parallel_tool_use",
		done: "not sent",
	});
	return {};
}
