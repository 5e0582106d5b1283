import { asObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { BodyEdit, Target } from "../../profile/model/target.ts";
import type { Refusal } from "../../upstream/failures/refusal.ts";
import type { SentRequest } from "./output-limits.ts";
import { fold, holdsPart } from "./sent-fields.ts";

/** What a target is changed by, so that it does not refuse the same request again. */
export interface RefusalFact {
	edits?: BodyEdit[];
	quirks?: Partial<Quirks>;
	vision?: false;
	/** Claude Code's names of tools. */
	tools?: string[];
	/** Parameters for `withoutParameter`. */
	refused?: string[];
	/** What was left out or changed, for the record. */
	done: string;
	fields?: string[];
}

/** A refused kind of content, or a property of the history, and the form in which the endpoint may accept it. */
export function factOfPart(
	{ part, paths, maximum }: Refusal,
	target: Target,
	{ body }: SentRequest,
): RefusalFact | undefined {
	const { quirks } = target;
	const names = paths.flat().join(" ");
	const isImage = part === "image" || /\b(?:image_url|input_image|image|inline_?data)\b/i.test(names);
	if (isImage && target.vision && holdsPart(body, /^(?:image|image_url|input_image|inlineData|fileData)$/))
		return { vision: false, done: "with a note in place of each image" };
	const isDocument = part === "document" || /\b(?:input_file|file_data|document)\b/i.test(names);
	if (isDocument && quirks.documents === "file" && holdsPart(body, /^(?:document|file|input_file|inlineData)$/))
		return { quirks: { documents: "text" }, done: "with the text of each document" };
	if (part === "role order" && !quirks.mergeUserTurns) {
		const merged = { mergeUserTurns: true, assistantAfterTool: true };
		return { quirks: merged, done: "with user and assistant turns in alternation" };
	}
	if (part === "role:system" && quirks.laterSystem === "system")
		return { quirks: { laterSystem: "reminder" }, done: "with later system messages as reminders" };
	if (part === "tool name" && maximum !== undefined && maximum > 0 && maximum < quirks.maxToolName)
		return { quirks: { maxToolName: maximum }, done: `with tool names of at most ${maximum} characters` };
	if (paths.some(([name]) => name === "betas") && quirks.betas.length > 0)
		return { quirks: { betas: [] }, done: "without betas", fields: ["betas"] };
	if (part === "tool id" && quirks.toolCallIds === "any") {
		const toolCallIds = maximum === undefined || maximum <= 40 ? "max-40" : "max-64";
		return { quirks: { toolCallIds }, done: "with shorter ids of tool calls" };
	}
	return undefined;
}

/** One refused tool, by its name or its index. */
export function factOfTool({ tool, paths }: Refusal, { body, toolNames }: SentRequest): RefusalFact | undefined {
	const offered = toolsOf(body);
	const name = offered.find((one) => one === tool) ?? paths.map((path) => offered[indexOfTool(path)]).find(Boolean);
	if (!name) return undefined;
	const known = toolNames.get(name) ?? name;
	return { tools: [known], done: `without the tool ${known}` };
}

/** `tools.3.function.parameters`, and Google's `tools.0.function_declarations.3.parameters`; -1 for other paths. */
function indexOfTool([list, index, declarations, inner]: readonly string[]): number {
	if (list !== "tools") return -1;
	return Number((fold(declarations ?? "") === "functiondeclarations" ? inner : index) ?? -1);
}

/** The names of the offered tools, in the order of the body. */
function toolsOf({ tools }: SentRequest["body"]): string[] {
	const definitions = Array.isArray(tools) ? tools.map(asObject) : [];
	return definitions
		.flatMap((tool) => {
			const declarations = tool["functionDeclarations"];
			return Array.isArray(declarations)
				? declarations.map(asObject)
				: [tool["function"] ? asObject(tool["function"]) : tool];
		})
		.map(({ name }) => (typeof name === "string" ? name : ""));
}
