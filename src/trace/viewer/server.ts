import { randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { errorCode, UserError } from "../../platform/user-error.ts";
import { LiveFeed } from "./live-feed.ts";
import { ViewerData } from "./viewer-data.ts";

export interface ViewerOptions {
	/** Folder of the recorded sessions. */
	sessions: string;
	/** Folder of the page: index.html, viewer.js, viewer.css. */
	assets: string;
	port?: number | undefined;
}

export interface Viewer {
	/** With the token. Whoever has it can read every recorded session. */
	url: string;
	close(): Promise<void>;
}

const HOST = "127.0.0.1";
const ASSETS: Readonly<Record<string, [file: string, type: string]>> = {
	"": ["index.html", "text/html; charset=utf-8"],
	"viewer.js": ["viewer.js", "text/javascript; charset=utf-8"],
	"viewer.css": ["viewer.css", "text/css; charset=utf-8"],
};

/** Nothing from other hosts, nothing inline, no frames, no forms, and no referrer with the URL. */
const HEADERS = {
	"content-security-policy": [
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"connect-src 'self'",
		"img-src data:",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	].join("; "),
	"referrer-policy": "no-referrer",
	"x-content-type-options": "nosniff",
	"cross-origin-resource-policy": "same-origin",
	"cross-origin-opener-policy": "same-origin",
	"cache-control": "no-store",
};

/** Serves the viewer on loopback, under a path with a secret token. */
export async function startViewer(options: ViewerOptions): Promise<Viewer> {
	const token = randomBytes(24).toString("base64url");
	const feed = new LiveFeed(options.sessions);
	const data = new ViewerData(options.sessions);
	const server = createServer((request, response) => {
		answer(request, response, { assets: options.assets, token, feed, data }).catch((error: unknown) => {
			const known = error instanceof UserError || errorCode(error) === "ENOENT";
			send(response, known ? 404 : 500, "text/plain", error instanceof Error ? error.message : String(error));
		});
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => {
			const isTaken = error.code === "EADDRINUSE";
			reject(
				isTaken ? new UserError(`port ${options.port} is taken`, { hint: "omit --port to use any free port" }) : error,
			);
		});
		server.listen(options.port ?? 0, HOST, resolve);
	});
	return {
		url: `http://${HOST}:${(server.address() as AddressInfo).port}/${token}/`,
		async close() {
			feed.close();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** What a request needs. */
interface ViewerContext {
	assets: string;
	token: string;
	feed: LiveFeed;
	data: ViewerData;
}

async function answer(
	request: IncomingMessage,
	response: ServerResponse,
	{ assets, token, feed, data }: ViewerContext,
): Promise<void> {
	const url = new URL(request.url ?? "/", `http://${request.headers.host ?? HOST}`);
	const [given = "", ...path] = url.pathname.slice(1).split("/");
	if (!isOurs(request) || !isEqual(given, token)) return send(response, 403, "text/plain", "forbidden");
	if (request.method !== "GET") return send(response, 405, "text/plain", "only GET is allowed");
	const asset = path.length === 1 ? ASSETS[path[0] ?? ""] : undefined;
	if (asset) return send(response, 200, asset[1], await readFile(join(assets, asset[0])));
	if (path[0] !== "api") return send(response, 404, "text/plain", "not found");
	if (path[1] === "live") return feed.subscribe(response, url.searchParams.get("session"), HEADERS);
	const found = await data.answer(path.slice(1), url.searchParams);
	if (found === undefined) return send(response, 404, "text/plain", "not found");
	send(response, 200, "application/json", JSON.stringify(found));
}

/** A foreign Host header means DNS rebinding, a foreign Origin another page. */
function isOurs({ headers }: IncomingMessage): boolean {
	const host = headers.host ?? "";
	if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return false;
	return headers.origin === undefined || headers.origin === `http://${host}`;
}

function isEqual(given: string, token: string): boolean {
	const [a, b] = [Buffer.from(given), Buffer.from(token)];
	return a.length === b.length && timingSafeEqual(a, b);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
	if (response.headersSent) return void response.end();
	response.writeHead(status, { ...HEADERS, "content-type": type, "content-length": Buffer.byteLength(body) });
	response.end(body);
}
