import type { MessageRequest } from "../anthropic/messages.ts";
import { loadDialect } from "../dialects/index.ts";
import type { Target } from "../profile/target.ts";
import { UpstreamFailure } from "../upstream/failure.ts";
import { readText, send } from "../upstream/send.ts";
import type { Run } from "./run.ts";

const REPLY_LIMIT = 64 * 1024;

/** Time a provider has for a count, in milliseconds; Claude Code asks for a dozen at once and waits for all. */
const PATIENCE = 5000;

/**
 * Input tokens of a request: the provider's own count where it gives one, else a calibrated estimate. `length`: of the
 * request's JSON.
 */
export async function countTokens(request: MessageRequest, length: number, run: Run): Promise<number> {
	const target = run.route(request, length, () => {}).current();
	const counted = target.quirks.countTokens ? await askProvider(request, target, run) : undefined;
	return counted ?? run.calibration.estimate(target, request);
}

async function askProvider(request: MessageRequest, target: Target, run: Run): Promise<number | undefined> {
	const dialect = await loadDialect(target.dialect);
	const encoded = dialect.encodeCount?.(request, target, () => {});
	if (!encoded) return undefined;
	try {
		const outgoing = { ...encoded, body: JSON.stringify(encoded.body) };
		const reply = await send(run.transport, target, outgoing, AbortSignal.timeout(PATIENCE));
		const body = JSON.parse(await readText(reply, REPLY_LIMIT)) as { input_tokens?: unknown };
		return typeof body.input_tokens === "number" ? body.input_tokens : undefined;
	} catch (error) {
		// A count is a convenience: where the provider fails, the estimate stands in.
		if (error instanceof UpstreamFailure || error instanceof SyntaxError) return undefined;
		throw error;
	}
}
