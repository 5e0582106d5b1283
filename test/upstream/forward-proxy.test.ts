import { execFileSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { UpstreamFailure } from "../../src/upstream/failures/failure.ts";
import { readText } from "../../src/upstream/http/send.ts";
import { openTransport } from "../../src/upstream/http/transport.ts";
import { DANTE, freePort, type NetworkProxy, SQUID, startDante, startSquid } from "../support/network-proxies.ts";

/** A name of this machine's loopback address that is not known as such: only the proxy connects to it. */
const HOST = hostname();
const IS_LOOPBACK = (await lookup(HOST, 4).catch(() => undefined))?.address === "127.0.0.1";

const closers: (() => unknown)[] = [];
const folder = mkdtempSync(join(tmpdir(), "cc-any-proxies-"));
const CERTIFICATE = join(folder, "cert.pem");
let plain: number;
let secure: number;

beforeAll(async () => {
	const names = `subjectAltName=DNS:provider.example,DNS:localhost,DNS:${HOST}`;
	const files = ["-keyout", join(folder, "key.pem"), "-out", CERTIFICATE];
	const options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=provider.example"];
	execFileSync("openssl", [...options, "-addext", names, ...files], { stdio: "ignore" });
	const answer: RequestListener = (request, response) => {
		request.resume();
		const { host, authorization = "no key", "proxy-authorization": leaked } = request.headers;
		if (request.url === "/403") response.writeHead(403, { "content-type": "application/json" });
		response.end(`${request.url} ${host?.replace(/\d+$/, "PORT")} ${authorization}${leaked ? " LEAKED" : ""}`);
	};
	const keys = { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(CERTIFICATE) };
	plain = await listen(createHttp(answer));
	secure = await listen(createHttps(keys, answer));
});

afterAll(async () => {
	for (const close of closers.splice(0).reverse()) await close();
	rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	closers.push(() => server.close());
	return (server.address() as AddressInfo).port;
}

/** The reply's text, or the class of the failure and its message. */
async function ask(url: string, variables: NodeJS.ProcessEnv): Promise<string> {
	const transport = openTransport(variables);
	const { signal } = new AbortController();
	try {
		const headers = { authorization: "Bearer key" };
		const reply = await transport.request({ method: "POST", url, headers, body: "{}", signal });
		return `${reply.status} ${await readText(reply, 10_000)}`;
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		return `${classifyFailure(error.source).class}: ${error.message}`;
	} finally {
		await transport.close();
	}
}

describe.skipIf(!SQUID)("Squid (skipped without the package squid)", () => {
	let squid: NetworkProxy;
	const proxy = (login = "me:p%40ss%3Aword@") => `http://${login}127.0.0.1:${squid.port}`;
	beforeAll(async () => {
		squid = await startSquid(SQUID ?? "", secure);
		closers.push(() => squid.close());
	});

	test("http is requested from the proxy with the whole URL, on a port that CONNECT is not allowed to", async () => {
		const text = await ask(`http://provider.example:${plain}/v1/x?y=z`, { http_proxy: proxy() });
		expect(text).toBe("200 /v1/x?y=z provider.example:PORT Bearer key");
	});

	test("https goes through a tunnel", async () => {
		const variables = { HTTPS_PROXY: proxy(), NODE_EXTRA_CA_CERTS: CERTIFICATE };
		expect(await ask(`https://provider.example:${secure}/v1`, variables)).toBe(
			"200 /v1 provider.example:PORT Bearer key",
		);
	});

	test.each([
		["no password", "", "407 Proxy Authentication Required"],
		["a wrong password", "me:wrong@", "407 Proxy Authentication Required"],
	])("%s: the proxy's 407 is the proxy's", async (_name, login, words) => {
		for (const [url, variable] of [
			[`http://provider.example:${plain}/`, "HTTP_PROXY"],
			[`https://provider.example:${secure}/`, "HTTPS_PROXY"],
		] as const) {
			const text = await ask(url, { [variable]: proxy(login) });
			expect(text).toMatch(/^proxy-refused: the HTTP proxy 127\.0\.0\.1:\d+ does not /);
			expect(text).toContain(words);
		}
	});

	test("a host or a port that the proxy does not allow: 403 with Squid's reason", async () => {
		const variables = { all_proxy: proxy() };
		for (const url of [`http://blocked.example:${plain}/`, `https://provider.example:${plain}/`]) {
			expect(await ask(url, variables)).toMatch(
				/^proxy-refused: the HTTP proxy .* 403 Forbidden \(ERR_ACCESS_DENIED\)$/,
			);
		}
	});

	test("a host that the proxy cannot reach: 503, which can pass", async () => {
		const closed = await freePort();
		const text = await ask(`http://provider.example:${closed}/`, { http_proxy: proxy() });
		expect(text).toMatch(/^network: the HTTP proxy .* 503 Service Unavailable \(ERR_CONNECT_FAIL\)$/);
	});

	test("the provider's own 403 is the provider's", async () => {
		const text = await ask(`http://provider.example:${plain}/403`, { http_proxy: proxy() });
		expect(text).toMatch(/^403 /);
	});
});

describe.skipIf(!DANTE || !IS_LOOPBACK)(
	"Dante (skipped without dante-server, or where the host has a public name)",
	() => {
		let dante: NetworkProxy;
		let closed: number;
		beforeAll(async () => {
			closed = await freePort();
			dante = await startDante(DANTE ?? "", { method: "none", blockedPort: closed });
			closers.push(() => dante.close());
		});
		const variables = (scheme: string) => ({
			ALL_PROXY: `${scheme}://127.0.0.1:${dante.port}`,
			NODE_EXTRA_CA_CERTS: CERTIFICATE,
		});

		test.each(["socks5", "socks5h", "socks4"])("%s, for http and https", async (scheme) => {
			const expected = `200 /v1 ${HOST}:PORT Bearer key`;
			expect(await ask(`http://${HOST}:${plain}/v1`, variables(scheme))).toBe(expected);
			expect(await ask(`https://${HOST}:${secure}/v1`, variables(scheme))).toBe(expected);
		});

		test("a name that nobody knows: socks5 looks it up here, socks5h lets the proxy do it", async () => {
			const here = await ask("http://provider.invalid/", variables("socks5"));
			expect(here).toMatch(/^network: (ENOTFOUND|EAI_AGAIN): .*\(through the SOCKS proxy /);
			const there = await ask("http://provider.invalid/", variables("socks5h"));
			expect(there).toMatch(/^network: Socks5 proxy rejected connection - HostUnreachable /);
		}, 30_000);

		test("a connection that the proxy does not allow, and one that it cannot make", async () => {
			const name = "\\(through the SOCKS proxy 127\\.0\\.0\\.1:\\d+\\)$";
			const refused = await ask(`http://${HOST}:${closed}/`, variables("socks5h"));
			expect(refused).toMatch(new RegExp(`^proxy-refused: Socks5 proxy rejected connection - NotAllowed ${name}`));
			const dead = await ask(`http://${HOST}:${await freePort()}/`, variables("socks5h"));
			expect(dead).toMatch(new RegExp(`^network: Socks5 proxy rejected connection - ConnectionRefused ${name}`));
		});

		test("a proxy that wants a password", async () => {
			const strict = await startDante(DANTE ?? "", { method: "username", blockedPort: closed });
			closers.push(() => strict.close());
			const text = await ask(`http://${HOST}:${plain}/`, { all_proxy: `socks5h://127.0.0.1:${strict.port}` });
			expect(text).toMatch(/^proxy-refused: .*\(through the SOCKS proxy /);
			const wrong = await ask(`http://${HOST}:${plain}/`, { all_proxy: `socks5h://me:no@127.0.0.1:${strict.port}` });
			expect(wrong).toMatch(/^proxy-refused: Socks5 Authentication failed/);
		}, 20_000);
	},
);

test.each([
	[403, "text/html", "proxy-refused: 403 Forbidden, without an API error: it comes from the HTTP proxy"],
	[403, undefined, "proxy-refused: 403 Forbidden, without an API error: it comes from the HTTP proxy"],
	[503, "text/plain", "network: 503 Service Unavailable, without an API error: it comes from the HTTP proxy"],
	[403, "application/json; charset=utf-8", "403 {}"],
	[401, "text/html", "401 {}"],
])("%i with %s through a proxy that does not mark its replies", async (status, type, expected) => {
	const port = await listen(
		createHttp((request, response) => {
			request.resume();
			response.writeHead(status, type === undefined ? {} : { "content-type": type }).end("{}");
		}),
	);
	const text = await ask("http://provider.example/v1", { http_proxy: `http://127.0.0.1:${port}` });
	expect(text.startsWith(expected)).toBe(true);
});

test("a SOCKS proxy that does not run is a refused connection, with its name", async () => {
	const text = await ask("http://provider.example/", { ALL_PROXY: `socks5h://127.0.0.1:${await freePort()}` });
	expect(text).toMatch(/^network: ECONNREFUSED: .*\(through the SOCKS proxy 127\.0\.0\.1:\d+\)$/);
});

test("a variable that is no address of a proxy is named, without its value", async () => {
	for (const value of ["ftp://proxy.example", "http://:3128", "socks9://me:secret@proxy.example"]) {
		const text = await ask("https://provider.example/", { HTTPS_PROXY: value });
		expect(text).toMatch(/^proxy-refused: HTTPS_PROXY is not the address of a proxy/);
		expect(text).not.toContain(value);
	}
});

test.each(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"])("a self-signed server with its certificate in %s", async (name) => {
	const url = `https://localhost:${secure}/v1`;
	expect(await ask(url, { [name]: CERTIFICATE })).toBe("200 /v1 localhost:PORT Bearer key");
	expect(await ask(url, {})).toMatch(/^untrusted-certificate: DEPTH_ZERO_SELF_SIGNED_CERT/);
	expect(await ask(url, { [name]: join(folder, "absent.pem") })).toMatch(/^untrusted-certificate: /);
});
