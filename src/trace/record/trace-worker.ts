import { parentPort, workerData } from "node:worker_threads";
import { TraceStore } from "../store/store.ts";
import type { CapturedExchange } from "./capture.ts";
import { Redactor } from "./redact.ts";

export interface WorkerOptions {
	/** Folder of all sessions. */
	parent: string;
	session: string;
	/** The user's own patterns of secrets. */
	patterns: readonly string[];
}

export type WorkerMessage =
	/** An exchange to write, with all secrets that are known so far. */
	| { exchange: CapturedExchange; secrets: readonly string[] }
	/** Answered with the first failure, or undefined, once everything is written. */
	| { close: true };

const { parent, session, patterns } = workerData as WorkerOptions;
const redactor = new Redactor([], patterns);
const store = new TraceStore(parent, session, redactor);
let failure: string | undefined;

/** Messages are handled one after the other. */
let handled = Promise.resolve();
parentPort?.on("message", (message: WorkerMessage) => {
	handled = handled.then(() => handle(message));
});

async function handle(message: WorkerMessage): Promise<void> {
	if ("close" in message) {
		parentPort?.postMessage(failure);
		return;
	}
	for (const secret of message.secrets) redactor.add(secret);
	try {
		await store.save(message.exchange);
	} catch (error) {
		failure ??= error instanceof Error ? error.message : String(error);
	}
}
