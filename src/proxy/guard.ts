import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { RequestError } from "./read-request.ts";

const LOOPBACK_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Refuses whatever is not our child: a foreign Host (DNS rebinding), any Origin (a web page), another token than this
 * one. There is no CORS. A valid bearer counts also beside a foreign x-api-key, which a user's apiKeyHelper can add
 * (measured).
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
