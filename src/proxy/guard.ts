import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { RequestError } from "./read-request.ts";

const LOOPBACK_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Throws a `RequestError` unless the request comes from the Claude Code that cc-any started: refuses a foreign Host (DNS
 * rebinding), any Origin (a web page) and any other token. There is no CORS. Either header may carry the token, because
 * a user's apiKeyHelper adds a foreign `x-api-key`.
 */
export function guard(request: IncomingMessage, token: Buffer): void {
	const host = request.headers.host ?? "";
	if (!LOOPBACK_NAMES.has(host.replace(/:\d+$/, ""))) {
		throw new RequestError(403, "permission_error", `the host ${JSON.stringify(host)} is not this proxy`);
	}
	if (request.headers.origin !== undefined) {
		throw new RequestError(403, "permission_error", "requests from web pages are refused");
	}
	const bearer = /^Bearer (.*)$/i.exec(request.headers.authorization ?? "")?.[1];
	const apiKey = request.headers["x-api-key"];
	const offered = [bearer, typeof apiKey === "string" ? apiKey : undefined];
	if (!offered.some((candidate) => candidate !== undefined && equalInConstantTime(candidate, token))) {
		throw new RequestError(401, "authentication_error", "the token of this cc-any run is missing or wrong");
	}
}

function equalInConstantTime(candidate: string, token: Buffer): boolean {
	const offered = Buffer.from(candidate);
	return offered.length === token.length && timingSafeEqual(offered, token);
}
