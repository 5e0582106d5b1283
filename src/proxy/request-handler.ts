import type { IncomingMessage, ServerResponse } from "node:http";
import type { Profile } from "../profile/model/profile.ts";
import { errorBody } from "../protocol/errors.ts";
import { mintId } from "../protocol/mint-id.ts";
import type { ExchangeRecord } from "../trace/record/exchange-record.ts";
import { NO_RECORDER, type Recorder } from "../trace/record/taps.ts";
import { openTransport } from "../upstream/http/transport.ts";
import type { OnWaiting } from "../upstream/resilience/target-gates.ts";
import type { OnAnnouncement } from "./announcements.ts";
import { guard } from "./guard.ts";
import type { FactFilesOptions } from "./learning/fact-files.ts";
import { ProxyState } from "./proxy-state.ts";
import { RequestError } from "./read-request.ts";
import { sendJson } from "./replies/reply.ts";
import { route } from "./routes.ts";

export interface RequestHandlerOptions {
	profile: Profile;
	/** Proxy variables (HTTPS_PROXY, NO_PROXY) are read from here; default `process.env`. */
	environment?: NodeJS.ProcessEnv | undefined;
	/** Called with the record of each exchange when it has ended. */
	onExchange?: ((record: ExchangeRecord) => void) | undefined;
	/** Records every exchange; default: nothing is recorded. */
	recorder?: Recorder | undefined;
	/** Called with each key that is read while the proxy runs, before the key is used. */
	onSecret?: ((secret: string) => void) | undefined;
	/** Where facts about endpoints are kept between runs; default: nowhere. */
	learned?: FactFilesOptions | undefined;
	/** Called with what requests wait for inside the proxy; with undefined when none waits any more. */
	onWaiting?: OnWaiting | undefined;
	/** Called with what the user should know now: a fallback and its return, a budget that is nearly used up. */
	onAnnouncement?: OnAnnouncement | undefined;
	/** Where what was used each day is kept; default: only this process counts. */
	spendingFolder?: string | undefined;
}

/** Time for the exchanges in flight to end after the proxy was closed. */
const MAX_END_MS = 1_000;

/** Answers the requests that one proxy server accepts. */
export interface RequestHandler {
	handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
	close(): Promise<void>;
}

export function createRequestHandler(options: RequestHandlerOptions, token: string): RequestHandler {
	const proxy = new ProxyState({
		profile: options.profile,
		transport: openTransport(options.environment ?? process.env),
		onExchange: options.onExchange ?? (() => {}),
		recorder: options.recorder ?? NO_RECORDER,
		onSecret: options.onSecret ?? (() => {}),
		learned: options.learned,
		onWaiting: options.onWaiting,
		onAnnouncement: options.onAnnouncement,
		spendingFolder: options.spendingFolder,
	});
	const bytes = Buffer.from(token);
	const running = new Set<Promise<void>>();
	return {
		async handle(request, response) {
			const answered = answer(request, response, bytes, proxy);
			running.add(answered);
			await answered.finally(() => running.delete(answered));
		},
		async close() {
			// Their clients are gone, so they end at once. What they have used belongs in the records.
			await settled(running, MAX_END_MS);
			// Not before: an exchange would blame the provider for the closed connection.
			await proxy.close();
		},
	};
}

/** Waits until all have ended, but not longer than the limit. */
function settled(promises: Iterable<Promise<void>>, limitMs: number): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, limitMs);
		void Promise.allSettled(promises).then(() => {
			clearTimeout(timer);
			resolve();
		});
	});
}

async function answer(
	request: IncomingMessage,
	response: ServerResponse,
	token: Buffer,
	proxy: ProxyState,
): Promise<void> {
	response.setHeader("request-id", mintId("req_"));
	try {
		guard(request, token);
		await route(request, response, proxy);
	} catch (error) {
		answerError(error, request, response);
	}
}

/** Responds with the error: a bug costs one request, never the process. */
function answerError(error: unknown, request: IncomingMessage, response: ServerResponse): void {
	if (error instanceof RequestError) {
		// Otherwise the rest of the body would have to be read before the connection can be used again.
		const headers: Record<string, string> = request.complete ? {} : { connection: "close" };
		sendJson(response, error.status, errorBody(error.type, error.message), headers);
		return;
	}
	const message = error instanceof Error ? error.message : String(error);
	sendJson(response, 500, errorBody("api_error", `cc-any failed: ${message}`));
}
