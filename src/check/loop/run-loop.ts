import { isDeepStrictEqual } from "node:util";
import type { Divergence } from "../../protocol/divergence.ts";
import type { MessageParam, ToolUseBlock } from "../../protocol/messages.ts";
import { inputTokens } from "../../trace/record/cost.ts";
import { assistant, question, result, user } from "../materials/conversation.ts";
import { EDIT, READ, WRITE } from "../materials/tools.ts";
import type { Answer, Ask } from "../run/ask.ts";
import { callsOf, schemaViolations, textOf } from "../run/judge.ts";
import { LoopSandbox } from "./sandbox.ts";
import { createTrail, type Step, type Trail } from "./trail.ts";

/** How a call was judged. `forgotten`: the right call, but without the code word. */
export type CallVerdict = "right" | "wrong" | "repeated" | "invalid" | "forgotten";

/** One request of the loop and its reply. */
export interface LoopTurn {
	/** From 1. */
	turn: number;
	calls: CallVerdict[];
	/** Kinds of repairs that were needed. */
	repairs: string[];
	/** Milliseconds. */
	duration: number;
	inputTokens: number;
	/** Share of the input that came from the cache; absent when no input was counted. */
	cached?: number;
	error?: string;
}

export interface LoopResult {
	/** Calls that the task requires. */
	demanded: number;
	/** How many of them were made, in order. */
	made: number;
	/** All calls were made in order, and the answer is right. */
	completed: boolean;
	/** Why it ended. */
	end: string;
	turns: LoopTurn[];
}

export interface LoopOptions {
	ask: Ask;
	/** Tool calls of the task. */
	calls: number;
	seed: number;
	isRepair(divergence: Divergence): boolean;
	onProgress?: ((made: number, demanded: number) => void) | undefined;
	signal?: AbortSignal | undefined;
}

const TOOLS = [READ, WRITE, EDIT];
/** Extra requests as a share of the required calls. A loop that makes no progress has to end. */
const EXTRA_TURNS_SHARE = 0.5;
/** After more wrong calls in a row the loop ends. */
const MAX_WRONG_CALLS = 8;

/** Lets the model follow a trail, executes its calls and judges each one. */
export async function runLoop(options: LoopOptions): Promise<LoopResult> {
	const trail = createTrail(options.calls, options.seed);
	const sandbox = await LoopSandbox.open(trail.files);
	try {
		return await new Loop(options, trail, sandbox).run();
	} finally {
		await sandbox.close();
	}
}

class Loop {
	readonly #options: LoopOptions;
	readonly #trail: Trail;
	readonly #sandbox: LoopSandbox;
	readonly #messages: MessageParam[];
	readonly #turns: LoopTurn[] = [];
	readonly #earlier: Pick<ToolUseBlock, "name" | "input">[] = [];
	#made = 0;
	/** Wrong calls in a row. */
	#wrongCalls = 0;

	constructor(options: LoopOptions, trail: Trail, sandbox: LoopSandbox) {
		this.#options = options;
		this.#trail = trail;
		this.#sandbox = sandbox;
		this.#messages = [user(trail.prompt)];
	}

	async run(): Promise<LoopResult> {
		const demanded = this.#trail.steps.length;
		const most = Math.ceil(demanded * (1 + EXTRA_TURNS_SHARE)) + 1;
		let end: string | undefined;
		while (end === undefined) {
			this.#options.onProgress?.(this.#made, demanded);
			end = await this.#takeTurn();
			if (this.#turns.length >= most) end ??= `no end after ${most} turns`;
		}
		const completed = end === COMPLETED;
		return { demanded, made: this.#made, completed, end, turns: this.#turns };
	}

	/** One request. Returns why the loop ends; undefined when it goes on. */
	async #takeTurn(): Promise<string | undefined> {
		const answer = await this.#options.ask(question([...this.#messages], { tools: TOOLS }));
		// An interrupted request is not a failure.
		if (this.#options.signal?.aborted) return "interrupted";
		const calls = callsOf(answer.message);
		const turn = this.#turnOf(answer);
		this.#turns.push(turn);
		if (!answer.message) return answer.error ?? "no answer";
		if (calls.length === 0) return this.#judgeEnd(textOf(answer.message));
		const results = [];
		for (const call of calls) {
			turn.calls.push(this.#judge(call));
			const { text, isError } = await this.#sandbox.run(call.name, (call.input ?? {}) as Record<string, unknown>);
			results.push(result(call.id, text, isError));
		}
		this.#messages.push(assistant(answer.message.content), user(results));
		return this.#wrongCalls >= MAX_WRONG_CALLS ? `the trail was lost after ${this.#made} calls` : undefined;
	}

	#judge(call: ToolUseBlock): CallVerdict {
		const verdict = this.#verdictOf(call);
		this.#earlier.push({ name: call.name, input: call.input });
		if (verdict === "right" || verdict === "forgotten") this.#made++;
		this.#wrongCalls = verdict === "right" || verdict === "forgotten" ? 0 : this.#wrongCalls + 1;
		return verdict;
	}

	#verdictOf(call: ToolUseBlock): CallVerdict {
		const tool = TOOLS.find(({ name }) => name === call.name);
		if (!tool || schemaViolations(call, tool).length > 0) return "invalid";
		const wanted = this.#trail.steps[this.#made];
		if (wanted && fits(call, wanted)) return "right";
		if (wanted?.recalls && fits(call, { ...wanted, input: { ...wanted.input, ...contentOf(call) } }))
			return "forgotten";
		const { name, input } = call;
		return this.#earlier.some((one) => isDeepStrictEqual(one, { name, input })) ? "repeated" : "wrong";
	}

	#judgeEnd(text: string): string {
		const missing = this.#trail.steps.length - this.#made;
		if (missing > 0) return `ended ${missing} calls early`;
		return text.includes(this.#trail.answer) ? COMPLETED : "the answer is wrong";
	}

	#turnOf({ seen, duration, message, error }: Answer): LoopTurn {
		const input = inputTokens(message?.usage);
		const cached = message?.usage.cache_read_input_tokens ?? 0;
		const kinds = seen.divergences.filter(this.#options.isRepair).map(({ kind }) => kind);
		return {
			turn: this.#turns.length + 1,
			calls: [],
			repairs: [...new Set(kinds)],
			duration,
			inputTokens: input,
			...(input > 0 && { cached: cached / input }),
			...(error !== undefined && { error }),
		};
	}
}

const COMPLETED = "completed";

/** Further fields with their defaults, and a trailing line break, are accepted. */
function fits(call: ToolUseBlock, { tool, input }: Step): boolean {
	const given = call.input as Record<string, unknown>;
	const isSame = (key: string) => String(given[key]).trimEnd() === input[key];
	return call.name === tool.name && Object.keys(input).every(isSame);
}

function contentOf({ input }: ToolUseBlock): Record<string, string> {
	return { content: String((input as { content?: unknown }).content).trimEnd() };
}

/** Fewer turns are too noisy; more hide where the degradation began. */
const WINDOW_TURNS = 10;
/** A window with a smaller share of right turns counts as degraded. */
const MIN_RIGHT_SHARE = 0.8;

/** The first wrong turn of the first degraded window; undefined when no window is degraded. */
export function degradesAt(turns: readonly LoopTurn[]): number | undefined {
	const isGood = turns.map(({ calls, error }) => error === undefined && calls.every((call) => call === "right"));
	for (let start = 0; start + WINDOW_TURNS <= isGood.length; start++) {
		const window = isGood.slice(start, start + WINDOW_TURNS);
		if (window.filter(Boolean).length / WINDOW_TURNS >= MIN_RIGHT_SHARE) continue;
		return (turns[start + window.indexOf(false)] as LoopTurn).turn;
	}
	return undefined;
}

/** How many calls got each verdict. */
export function countVerdicts(turns: readonly LoopTurn[]): Record<CallVerdict, number> {
	const counts = { right: 0, wrong: 0, repeated: 0, invalid: 0, forgotten: 0 };
	for (const verdict of turns.flatMap(({ calls }) => calls)) counts[verdict]++;
	return counts;
}
