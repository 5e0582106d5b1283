import { request as ask, createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY, rounds } from "../support/real-claude.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";

const USERS: Record<string, string> = { "vk-anna": "anna", "vk-ben": "ben" };
const open: { close(): unknown }[] = [];
let sandbox: Sandbox;

afterEach(async () => {
	for (const server of open.splice(0)) await server.close();
	sandbox.close();
});

/** A gateway: checks the user's key, replaces it with the token of `serve`, streams the answer back. */
async function startGateway(target: string, token: string, seen: string[]): Promise<string> {
	const server: Server = createServer((incoming, outgoing) => {
		const user = USERS[(incoming.headers.authorization ?? "").replace(/^Bearer /, "")];
		if (!user) return outgoing.writeHead(401).end();
		seen.push(`${user} ${(incoming.url ?? "").replace(/\?.*/, "")}`);
		const headers = { ...incoming.headers, host: new URL(target).host, authorization: `Bearer ${token}` };
		const forwarded = ask(`${target}${incoming.url}`, { method: incoming.method ?? "GET", headers }, (reply) => {
			outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
			reply.pipe(outgoing);
		});
		incoming.pipe(forwarded);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	open.push({
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("two users with their own keys, through a gateway in front of one cc-any serve", async () => {
	sandbox = new Sandbox();
	const bash = { toolCalls: [{ name: "Bash", arguments: { command: "echo hello" } }] };
	const provider = await ScriptedProvider.start(rounds(bash, { text: "Done." }), KEY);
	open.push(provider);
	const words = ["serve", "--profile", sandbox.profile(provider.baseUrl), "--json"];
	const serve = sandbox.ccAny(words, cleanEnvironment(sandbox));
	const { url, token } = JSON.parse((await serve.printed((text) => text.includes("\n"))).split("\n")[0] ?? "");
	const seen: string[] = [];
	const gateway = await startGateway(url, token, seen);

	const claude = async (key: string) => {
		const environment = cleanEnvironment(sandbox, {
			ANTHROPIC_BASE_URL: gateway,
			ANTHROPIC_AUTH_TOKEN: key,
			ANTHROPIC_MODEL: "sample-large",
			CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
		});
		const { SAMPLE_API_KEY: _none, ...clean } = environment;
		const run = sandbox.start(CLAUDES[1][1], ["-p", "go", "--allowedTools", "Bash"], clean, "");
		return [await run.ended, run.stdout];
	};
	expect(await claude("vk-anna")).toEqual([0, "Done.\n"]);
	expect(await claude("vk-ben")).toEqual([0, "Done.\n"]);
	const each = (user: string) => [`${user} /v1/messages`, `${user} /v1/messages`];
	expect(seen).toEqual([...each("anna"), ...each("ben")]);
	expect(serve.stderr).toBe("");
	serve.kill("SIGTERM");
	expect(await serve.ended).toBe(0);
}, 30_000);
