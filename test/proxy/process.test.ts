import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { chatChunk, chatStream } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";
import { ASK } from "../support/sdk-client.ts";
import { selfSigned } from "../support/self-signed.ts";

let sandbox: Sandbox;
let provider: Server | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	provider?.closeAllConnections();
	await new Promise((resolve) => (provider ? provider.close(resolve) : resolve(undefined)));
	provider = undefined;
});

async function listen(server: Server): Promise<number> {
	provider = server;
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return (server.address() as AddressInfo).port;
}

/** The proxy as a separate process: `cc-any serve`. */
async function serve(baseUrl: string, more: Record<string, string> = {}, profile: Record<string, unknown> = {}) {
	const environment = sandbox.environment({}, { SAMPLE_API_KEY: "sk-sample", ...more });
	const run = sandbox.ccAny(["serve", "--profile", sandbox.profile(baseUrl, profile), "--json"], environment);
	const line = await run.printed((text) => text.includes("\n"));
	return { ...(JSON.parse(line.split("\n")[0] ?? "") as { url: string; token: string }), pid: run.pid };
}

test("a provider with its own certificate, named by NODE_EXTRA_CA_CERTS", async () => {
	const { key, cert, file } = selfSigned(sandbox.path("tmp"));
	const server = createSecureServer({ key, cert }, (request, response) => {
		request.resume();
		response.writeHead(200, { "content-type": "text/event-stream" }).end(chatStream({ content: "secure" }).join(""));
	});
	const baseUrl = `https://127.0.0.1:${await listen(server)}/v1`;
	const ask = async (proxy: { url: string; token: string }) => {
		const headers = { authorization: `Bearer ${proxy.token}` };
		return (await fetch(`${proxy.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(ASK) })).json();
	};
	expect(await ask(await serve(baseUrl, { NODE_EXTRA_CA_CERTS: file }))).toMatchObject({
		content: [{ text: "secure" }],
	});
	// Without it the certificate is refused, and the error says why.
	expect(JSON.stringify(await ask(await serve(baseUrl)))).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
}, 30_000);

test.runIf(existsSync("/proc/self/status"))(
	"a client that does not read slows the provider down, and costs no memory",
	async () => {
		const piece = chatChunk({ content: "x".repeat(64 * 1024) });
		let written = 0;
		const server = createServer((request, response) => {
			request.resume();
			response.writeHead(200, { "content-type": "text/event-stream" });
			const more = () => {
				while (written < 400 && !response.destroyed) {
					written++;
					if (!response.write(piece)) return response.once("drain", more);
				}
				return response;
			};
			more();
		});
		const proxy = await serve(`http://127.0.0.1:${await listen(server)}/v1`);
		const body = JSON.stringify({ ...ASK, stream: true });
		const { port } = new URL(proxy.url);
		const socket = connect(Number(port), "127.0.0.1");
		const head = ["POST /v1/messages HTTP/1.1", "host: 127.0.0.1", `authorization: Bearer ${proxy.token}`];
		socket.write([...head, `content-length: ${body.length}`, "", body].join("\r\n"));
		socket.pause();
		// What the sockets' own buffers take is taken; then nothing moves any more.
		let before = -1;
		await expect
			.poll(
				() => {
					const still = written > 0 && written === before;
					before = written;
					return still;
				},
				{ interval: 700, timeout: 15_000 },
			)
			.toBe(true);
		expect(written).toBeLessThan(400);
		const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${proxy.pid}/status`, "utf8"))?.[1]) / 1024;
		expect(resident).toBeLessThan(200);
		socket.destroy();
	},
	30_000,
);

test.runIf(process.platform !== "win32")(
	"a process that is stopped for longer than its patience cuts no reply",
	async () => {
		const server = createServer((request, response) => {
			request.resume();
			const [first = "", ...rest] = chatStream({ content: "begun " }, { content: "and ended" });
			response.writeHead(200, { "content-type": "text/event-stream" }).write(first);
			setTimeout(() => response.end(rest.join("")), 3000);
		});
		const patience = { firstToken: 1, progress: 1 };
		const proxy = await serve(`http://127.0.0.1:${await listen(server)}/v1`, {}, { patience });
		const headers = { authorization: `Bearer ${proxy.token}` };
		const body = JSON.stringify({ ...ASK, stream: true });
		const reply = await fetch(`${proxy.url}/v1/messages`, { method: "POST", headers, body });
		process.kill(proxy.pid, "SIGSTOP");
		await delay(3200);
		process.kill(proxy.pid, "SIGCONT");
		const text = await reply.text();
		expect(text).toContain("and ended");
		expect(text).toContain("event: message_stop");
	},
	30_000,
);
