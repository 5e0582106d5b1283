import type { IncomingMessage, ServerResponse } from "node:http";
import type { Profile } from "../profile/model/profile.ts";
import { errorBody } from "../protocol/errors.ts";
import type { ExchangeRecord } from "../trace/record/exchange-record.ts";
import { NO_RECORDER, type Recorder } from "../trace/record/taps.ts";
import { openTransport } from "../upstream/http/transport.ts";
import { guard } from "./guard.ts";
import { Run } from "./proxy-state.ts";
import { RequestError } from "./read-request.ts";
import { sendJson } from "./replies/reply.ts";
import { route } from "./routes.ts";

export interface LineOptions {
	profile: Profile;
	/** Proxy variables (HTTPS_PROXY, NO_PROXY) are read from here; default `process.env`. */
	environment?: NodeJS.ProcessEnv | undefined;
	/** Gets the record of each exchange when it has ended. */
	onExchange?: ((record: ExchangeRecord) => void) | undefined;
	/** Listens at the joints of every exchange; default: nobody. */
	recorder?: Recorder | undefined;
	/** Hears of each key that is read while the proxy runs, before it is used. */
	onSecret?: ((secret: string) => void) | undefined;
}

/** What answers the requests of one proxy: everything behind its socket. */
export interface Line {
	handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
	close(): Promise<void>;
}

export function openLine(options: LineOptions, token: string): Line {
	const run = new Run({
		profile: options.profile,
		transport: openTransport(options.environment ?? process.env),
		onExchange: options.onExchange ?? (() => {}),
		recorder: options.recorder ?? NO_RECORDER,
		onSecret: options.onSecret ?? (() => {}),
	});
	const bytes = Buffer.from(token);
	return {
		handle: (request, response) => answer(request, response, bytes, run),
		close: () => run.close(),
	};
}

async function answer(request: IncomingMessage, response: ServerResponse, token: Buffer, run: Run): Promise<void> {
	try {
		// HEAD / is the one request that Claude Code 2.1.197 sends without its token.
		if (request.method !== "HEAD") guard(request, token);
		await route(request, response, run);
	} catch (error) {
		answerError(error, request, response);
	}
}

/** A request that went wrong is answered; it never takes the process down. */
function answerError(error: unknown, request: IncomingMessage, response: ServerResponse): void {
	if (error instanceof RequestError) {
		// An unread body would otherwise keep the connection busy.
		const headers: Record<string, string> = request.complete ? {} : { connection: "close" };
		sendJson(response, error.status, errorBody(error.type, error.message), headers);
		return;
	}
	const message = error instanceof Error ? error.message : String(error);
	sendJson(response, 500, errorBody("api_error", `cc-any failed: ${message}`));
}
