import type { Quirks } from "../../profile/model/quirks.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { Tool, ToolChoice } from "../../protocol/messages.ts";

export interface AdaptedChoice {
	tools: Tool[];
	/** The choice in a form that the provider accepts; undefined: the field is not sent. */
	choice: ToolChoice | undefined;
	/** A sentence for the model, in place of what the field cannot express. */
	instruction?: string;
}

/** The caller's choice in the strongest form that the provider understands. The rest becomes an instruction. */
export function adaptToolChoice(
	choice: ToolChoice | undefined,
	tools: Tool[],
	support: Quirks["toolChoice"],
	note: Note,
): AdaptedChoice {
	const free = freeChoice(support);
	if (!choice || choice.type === "auto") return { tools, choice: free?.type === "auto" ? choice : free };
	if (choice.type === "tool" && !tools.some((tool) => tool.name === choice.name)) {
		record(note, choice.name, "no such tool is offered: auto");
		return { tools, choice: free };
	}
	if (isUnderstood(choice, support)) return { tools, choice };
	if (choice.type === "tool" && support === "strings") {
		record(note, choice.name, "only this tool is offered, and a call is required");
		return { tools: tools.filter((tool) => tool.name === choice.name), choice: { type: "any" } };
	}
	record(note, choice.type === "tool" ? choice.name : choice.type, "sent as an instruction");
	return { tools, choice: free, instruction: instructionFor(choice) };
}

/** What the field says while the model may choose; undefined: it is not sent. */
function freeChoice(support: Quirks["toolChoice"]): ToolChoice | undefined {
	if (support === "unsupported") return undefined;
	return { type: support === "none-only" ? "none" : "auto" };
}

/** A choice in OpenAI's form; `named` writes the choice of one tool. */
export function openaiChoice<Named>(
	choice: ToolChoice,
	named: (name: string) => Named,
): "auto" | "none" | "required" | Named {
	switch (choice.type) {
		case "auto":
		case "none":
			return choice.type;
		case "any":
			return "required";
		case "tool":
			return named(choice.name);
	}
}

function isUnderstood(choice: ToolChoice, support: Quirks["toolChoice"]): boolean {
	switch (support) {
		case "full":
			return true;
		case "strings":
			return choice.type !== "tool";
		case "auto-none":
			return choice.type === "auto" || choice.type === "none";
		case "none-only":
		case "unsupported":
			return false;
	}
}

function instructionFor(choice: ToolChoice): string {
	if (choice.type === "none") return "Do not call any tool in this turn.";
	return choice.type === "tool" ? `Call the tool ${choice.name} in this turn.` : "Call one of the tools in this turn.";
}

function record(note: Note, seen: string, done: string): void {
	note({ kind: "tool-choice", where: "request.tool_choice", seen, done });
}
