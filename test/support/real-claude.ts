import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Run, Sandbox } from "./processes.ts";
import type { ChatMessage, ChatRequest, Script, ScriptedReply } from "./scripted-provider.ts";

/** The oldest and the newest Claude Code that cc-any is tested with. */
export const CLAUDES = [
	["2.1.197", binary("claude-code-2-1-197")],
	["2.1.332", binary("claude-code")],
] as const;

function binary(name: string): string {
	return fileURLToPath(new URL(`../../node_modules/@anthropic-ai/${name}/bin/claude.exe`, import.meta.url));
}

export const KEY = "sk-sample-key-that-must-not-travel";

/** A clean environment for the real claude: nothing of the machine but PATH. */
export function cleanEnvironment(sandbox: Sandbox, more: Record<string, string> = {}): Record<string, string> {
	return {
		HOME: sandbox.path("home"),
		PATH: process.env["PATH"] ?? "",
		TMPDIR: sandbox.path("tmp"),
		SAMPLE_API_KEY: KEY,
		...more,
	};
}

/** Starts `cc-any --claude BINARY --profile sample …` in print mode. */
export function print(sandbox: Sandbox, claude: string, profile: string, words: readonly string[]): Run {
	return sandbox.ccAny(["--profile", profile, "--claude", claude, "-p", ...words], cleanEnvironment(sandbox), "");
}

/** Skips the screens of a first start: theme, notes, trust of the work folder. */
export function markOnboarded(sandbox: Sandbox): void {
	const state = {
		hasCompletedOnboarding: true,
		projects: { [sandbox.path("work")]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
	};
	writeFileSync(sandbox.path("home/.claude.json"), JSON.stringify(state));
}

/**
 * A script of one reply per round of tool calls since the last prompt; the last one repeats. Requests that offer no
 * tools (titles) get a plain text.
 */
export function rounds(...replies: readonly ScriptedReply[]): Script {
	return (request) => {
		if (!request.tools?.length) return { text: '{"title":"a title"}' };
		return replies[Math.min(roundsSoFar(request), replies.length - 1)] as ScriptedReply;
	};
}

function roundsSoFar({ messages }: ChatRequest): number {
	return messages.filter((message) => message.role === "assistant" && message.tool_calls?.length).length;
}

/** Results of tools, in the order of the messages. */
export function toolResults({ messages }: ChatRequest): string[] {
	return messages.filter((message) => message.role === "tool").map(textOf);
}

/** Whether a user message holds the text. */
export function asksFor(request: ChatRequest, text: string): boolean {
	return request.messages.some((message) => message.role === "user" && textOf(message).includes(text));
}

export function textOf({ content }: ChatMessage): string {
	return typeof content === "string" ? content : JSON.stringify(content ?? "");
}
