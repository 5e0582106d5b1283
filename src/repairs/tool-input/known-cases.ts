import type { Json } from "../../protocol/messages.ts";

/**
 * Other names that models use for parameters of Claude Code's tools, in lower case without punctuation. They count only
 * if the parameter is missing and no other one matches.
 */
export const KEY_NAMES: Readonly<Record<string, readonly string[]>> = {
	file_path: ["path", "file", "filename", "filepath", "absolutepath", "targetfile"],
	notebook_path: ["path", "file", "filepath", "notebook"],
	path: ["filepath", "dir", "directory", "folder"],
	command: ["cmd", "script", "bash", "shellcommand"],
	content: ["contents", "text", "filecontent", "filetext", "body"],
	old_string: ["oldstr", "oldtext", "search", "original"],
	new_string: ["newstr", "newtext", "replace", "replacement"],
	pattern: ["query", "regex", "glob", "search"],
	prompt: ["task", "instructions", "message"],
	url: ["uri", "link", "address"],
	query: ["search", "q", "searchquery"],
	todos: ["items", "tasks", "list"],
};

/** Text parameters for which models send JSON instead, such as the content of a JSON file. */
export const JSON_TEXT_KEYS: readonly string[] = ["content"];

interface KnownCase {
	tool: string;
	key: string;
	/** A value that cannot be meant. */
	value: Json;
	/** Why, and where it was seen. */
	why: string;
}

/** Values that models send for optional parameters to say "nothing", and that Claude Code refuses. They are removed. */
export const KNOWN_CASES: readonly KnownCase[] = [
	{
		tool: "Read",
		key: "pages",
		value: "",
		why: "Read refuses an empty page range (measured with Claude Code 2.1.332)",
	},
	{ tool: "Read", key: "limit", value: 0, why: "Read refuses a limit of zero; the model means the whole file" },
	{ tool: "Bash", key: "timeout", value: 0, why: "a timeout of zero means the default" },
	{ tool: "Grep", key: "glob", value: "", why: "an empty filter matches no file" },
	{ tool: "Grep", key: "type", value: "", why: "ripgrep refuses an empty file type" },
	{ tool: "Grep", key: "path", value: "", why: "an empty path means the working folder" },
	{ tool: "Glob", key: "path", value: "", why: "an empty path means the working folder" },
	{ tool: "Agent", key: "model", value: "", why: "an empty model name means none" },
];
