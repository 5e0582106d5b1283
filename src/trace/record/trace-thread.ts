import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { packageRoot } from "../../platform/package-root.ts";
import { Capture, type CapturedExchange } from "./capture.ts";
import type { Redactor } from "./redact.ts";
import type { Recorder } from "./taps.ts";
import type { WorkerMessage, WorkerOptions } from "./trace-worker.ts";

/**
 * Writes the full trace of one session in a worker thread: searching a reply for secrets and compressing it takes as long
 * as translating it, and would delay other requests.
 */
export class TraceThread {
	readonly recorder: Recorder;
	readonly #redactor: Redactor;
	readonly #worker: Worker;
	/** Why the thread ended unexpectedly. */
	#failure: Error | undefined;

	constructor(parent: string, session: string, redactor: Redactor) {
		this.#redactor = redactor;
		const save = (exchange: CapturedExchange) => this.#send(exchange);
		this.recorder = { open: (record, request, betas) => new Capture(record, request, betas, save) };
		const workerData: WorkerOptions = { parent, session, patterns: redactor.patterns };
		// It needs neither the environment, which contains keys, nor flags like --inspect.
		this.#worker = new Worker(join(packageRoot(), "dist/trace-worker.js"), { workerData, env: {}, execArgv: [] });
		this.#worker.on("error", (error) => {
			this.#failure = error instanceof Error ? error : new Error(String(error));
		});
		this.#worker.unref();
	}

	/** Waits until everything is written. Returns the first failure. */
	async close(): Promise<Error | undefined> {
		if (this.#failure) return this.#failure;
		this.#worker.ref();
		const answer = new Promise<string | undefined>((resolve) => {
			this.#worker.once("message", resolve);
			this.#worker.once("exit", () => resolve(this.#failure?.message ?? "the trace thread ended"));
		});
		this.#worker.postMessage({ close: true } satisfies WorkerMessage);
		const failure = await answer;
		await this.#worker.terminate();
		return failure === undefined ? undefined : new Error(failure);
	}

	#send(exchange: CapturedExchange): void {
		const message: WorkerMessage = { exchange, secrets: [...this.#redactor.secrets] };
		this.#worker.postMessage(
			message,
			exchange.attempts.map(({ reply }) => reply.buffer),
		);
	}
}
