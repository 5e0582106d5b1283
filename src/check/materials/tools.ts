import type { JsonSchema, Tool } from "../../protocol/messages.ts";

/**
 * Tools like those of Claude Code: its schemas, measured with Claude Code 2.1.332 and reduced to the fields that make
 * them hard to fill in. The descriptions are our own.
 */

const text = (description: string): JsonSchema => ({ type: "string", description });

function tool(name: string, description: string, properties: JsonSchema, required: readonly string[]): Tool {
	const $schema = "https://json-schema.org/draft/2020-12/schema";
	const schema = { $schema, type: "object", properties, required, additionalProperties: false };
	return { name, description, input_schema: schema };
}

export const READ = tool(
	"Read",
	"Reads a file. Several independent files can be read by several calls in one turn.",
	{
		file_path: text("Absolute path of the file"),
		offset: { type: "integer", minimum: 0, description: "First line to read; only for long files" },
		limit: { type: "integer", exclusiveMinimum: 0, description: "Number of lines; only for long files" },
	},
	["file_path"],
);

export const EDIT = tool(
	"Edit",
	"Replaces one exact piece of text in a file by another.",
	{
		file_path: text("Absolute path of the file"),
		old_string: text("The text to replace, exactly as in the file"),
		new_string: text("The text to put there"),
		replace_all: { type: "boolean", default: false, description: "Replace every occurrence" },
	},
	["file_path", "old_string", "new_string"],
);

export const WRITE = tool(
	"Write",
	"Writes a whole file.",
	{ file_path: text("Absolute path of the file"), content: text("The whole content of the file") },
	["file_path", "content"],
);

export const BASH = tool(
	"Bash",
	"Runs a shell command and returns its output.",
	{
		command: text("The command"),
		timeout: { type: "number", description: "Longest time in milliseconds" },
		description: text("What the command does, in five to ten words"),
		run_in_background: { type: "boolean", description: "Return without waiting for it to finish" },
	},
	["command"],
);

export const GREP = tool(
	"Grep",
	"Searches the contents of files with a regular expression.",
	{
		pattern: text("The regular expression"),
		path: text("File or folder to search"),
		output_mode: { type: "string", enum: ["content", "files_with_matches", "count"] },
		"-i": { type: "boolean", description: "Ignore case" },
	},
	["pattern"],
);

const TODO = {
	type: "object",
	properties: {
		content: { type: "string", minLength: 1 },
		status: { type: "string", enum: ["pending", "in_progress", "completed"] },
		activeForm: { type: "string", minLength: 1, description: "The same in the present continuous" },
	},
	required: ["content", "status", "activeForm"],
	additionalProperties: false,
};

export const TODO_WRITE = tool(
	"TodoWrite",
	"Keeps the list of what is to be done: always the whole list.",
	{ todos: { type: "array", items: TODO, description: "The whole list" } },
	["todos"],
);

const OPTION = {
	type: "object",
	properties: { label: text("One to five words"), description: text("What choosing it means") },
	required: ["label", "description"],
	additionalProperties: false,
};

const QUESTION = {
	type: "object",
	properties: {
		question: text("The whole question, with a question mark"),
		header: text("A label of at most 12 characters"),
		multiSelect: { type: "boolean", default: false },
		options: { type: "array", items: OPTION, minItems: 2, maxItems: 4 },
	},
	required: ["question", "header", "options", "multiSelect"],
	additionalProperties: false,
};

export const ASK_USER = tool(
	"AskUserQuestion",
	"Asks the user one to four questions, each with options to choose from.",
	{ questions: { type: "array", items: QUESTION, minItems: 1, maxItems: 4 } },
	["questions"],
);

/** As MCP servers send them: `$ref`, an enum, optional fields. */
export const CREATE_ISSUE: Tool = {
	name: "mcp__tracker__create_issue",
	description: "Creates an issue in the tracker.",
	input_schema: {
		type: "object",
		properties: {
			title: { type: "string" },
			priority: { type: "string", enum: ["low", "medium", "high"] },
			assignee: { $ref: "#/$defs/person" },
			labels: { type: "array", items: { type: "string" } },
			estimate: { anyOf: [{ type: "integer" }, { type: "null" }], description: "Hours, if known" },
		},
		required: ["title", "priority", "assignee"],
		$defs: {
			person: {
				type: "object",
				properties: { login: { type: "string" }, team: { type: "string" } },
				required: ["login"],
			},
		},
	},
};

/** A tool without parameters, as MCP servers send it. */
export const TRACKER_STATUS: Tool = {
	name: "mcp__tracker__status",
	description: "Reports whether the tracker is reachable. Takes no input.",
	input_schema: { type: "object", properties: {} },
};

/** The tools of a session. */
export const TOOLS: readonly Tool[] = [
	READ,
	EDIT,
	WRITE,
	BASH,
	GREP,
	TODO_WRITE,
	ASK_USER,
	CREATE_ISSUE,
	TRACKER_STATUS,
];
