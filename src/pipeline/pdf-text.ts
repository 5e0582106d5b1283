import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { packageRoot } from "../platform/package-root.ts";
import type { PdfAnswer } from "./pdf-worker.ts";

/** The thread ends itself earlier, between two pages. */
const MAX_MS = 30_000;
const MAX_MB = 512;
const CHECK_MS = 100;

/**
 * The text of a PDF. It is read in a thread with limits: a small file may have 20,000 pages, or unpack to gigabytes.
 * Rejects for a file that cannot be read within them.
 */
export function pdfText(base64: string): Promise<string> {
	const worker = new Worker(join(packageRoot(), "dist/pdf-worker.js"), {
		workerData: new Uint8Array(Buffer.from(base64, "base64")),
		// It needs neither the environment, which contains keys, nor flags like --inspect, nor the terminal.
		...{ env: {}, execArgv: [], stdout: true, stderr: true },
		resourceLimits: { maxOldGenerationSizeMb: MAX_MB },
	});
	worker.unref();
	return new Promise<string>((resolve, reject) => {
		worker.on("message", (answer: PdfAnswer) => {
			if ("text" in answer) resolve(answer.text);
			else reject(new Error(answer.failure));
		});
		worker.on("error", reject);
		worker.on("exit", () => reject(new Error("the thread that reads it ended")));
		limit(worker, reject);
	}).finally(() => worker.terminate());
}

/** Ends the worker when it takes too long. The limit of its heap does not count what a PDF unpacks to. */
function limit(worker: Worker, reject: (error: Error) => void): void {
	const startedAt = performance.now();
	const rssBefore = process.memoryUsage.rss();
	const timer = setInterval(() => {
		const isSlow = performance.now() - startedAt > MAX_MS;
		const isLarge = process.memoryUsage.rss() - rssBefore > 2 * MAX_MB * 2 ** 20;
		if (isSlow) reject(new Error(`it takes longer than ${MAX_MS / 1000} s to read`));
		else if (isLarge) reject(new Error(`it takes more than ${MAX_MB} MB of memory to read`));
	}, CHECK_MS).unref();
	worker.once("exit", () => clearInterval(timer));
}
