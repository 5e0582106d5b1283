/**
 * The scripted model of `--profile demo`: not a language model, but a list of steps. It shows Claude Code calling tools
 * and finishing, through the same proxy as a real provider, without a key or a network.
 */

/** The part of a Chat Completions request that the script reads. */
export interface DemoRequest {
	messages: { role: string; content?: unknown; tool_calls?: unknown[] }[];
	tools?: { function: { name: string } }[];
	response_format?: unknown;
	stream?: boolean;
}

export interface ScriptedReply {
	text: string;
	toolCalls: { name: string; arguments: Record<string, unknown> }[];
}

interface Step {
	text: string;
	/** The tool to call, and its input; the step is skipped when the request does not offer the tool. */
	tool: string;
	input: Record<string, unknown>;
}

const FILE = "cc-any-demo.txt";

const STEPS: readonly Step[] = [
	{
		text: "I am the demo model: a script, not a language model. I will write a file first.",
		tool: "Write",
		input: { file_path: FILE, content: "Written by Claude Code, driven by the demo model of cc-any.\n" },
	},
	{ text: "Now I read it back.", tool: "Read", input: { file_path: FILE } },
	{
		text: "I change a word.",
		tool: "Edit",
		input: { file_path: FILE, old_string: "Written", new_string: "Written and edited" },
	},
	{
		text: "And I look at it from the shell.",
		tool: "Bash",
		input: { command: `cat ${FILE}`, description: "Show the demo file" },
	},
];

const CLOSING = `Done: a file was written, read, edited and shown (${FILE}). Every one of these calls came from an OpenAI-style endpoint and was translated by cc-any. Try it with a real model: cc-any --profile deepseek`;

/** The reply to a request: the step that follows the tool calls made since the last prompt. */
export function scriptedReply(request: DemoRequest, folder: string): ScriptedReply {
	if (request.response_format) return { text: '{"title":"cc-any demo"}', toolCalls: [] };
	const offered = new Set((request.tools ?? []).map((tool) => tool.function.name));
	const steps = STEPS.filter((step) => offered.has(step.tool));
	if (steps.length === 0)
		return { text: "I am the demo model of cc-any, and I need tools to show anything.", toolCalls: [] };
	const step = steps[callsSinceLastPrompt(request)];
	if (!step) return { text: CLOSING, toolCalls: [] };
	return { text: step.text, toolCalls: [{ name: step.tool, arguments: inFolder(step.input, folder) }] };
}

/** Counts the assistant turns with tool calls after the last message from the user. */
function callsSinceLastPrompt(request: DemoRequest): number {
	let calls = 0;
	for (const message of [...request.messages].reverse()) {
		if (message.role === "user" && !isReminder(message.content)) break;
		if (message.role === "assistant" && message.tool_calls?.length) calls++;
	}
	return calls;
}

/** Claude Code puts reminders between tool results: they are not prompts. */
function isReminder(content: unknown): boolean {
	return typeof content === "string" && content.trimStart().startsWith("<system-reminder>");
}

/** Claude Code's file tools require absolute paths. */
function inFolder(input: Record<string, unknown>, folder: string): Record<string, unknown> {
	return "file_path" in input ? { ...input, file_path: `${folder}/${input["file_path"]}` } : input;
}
