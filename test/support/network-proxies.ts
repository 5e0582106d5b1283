import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Paths of Debian's packages `squid` and `dante-server`; undefined where one is not installed. */
export const SQUID = ["/usr/sbin/squid"].find(existsSync);
export const DANTE = ["/usr/sbin/danted"].find(existsSync);
const SQUID_LOGIN = "/usr/lib/squid/basic_ncsa_auth";

/** A real proxy on loopback. */
export interface NetworkProxy {
	port: number;
	close(): Promise<void>;
}

/**
 * Squid with a user `me` and the password `p@ss:word`. Like its default configuration, it allows CONNECT to a few ports
 * only, and refuses `blocked.example`. `provider.example` is this machine; `nowhere.example` has no address.
 */
export async function startSquid(program: string, connectPort: number): Promise<NetworkProxy> {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-squid-"));
	const port = await freePort();
	const passwords = join(folder, "passwords");
	const hash = execFileSync("openssl", ["passwd", "-apr1", "p@ss:word"], { encoding: "utf8" }).trim();
	writeFileSync(passwords, `me:${hash}\n`);
	writeFileSync(join(folder, "hosts"), "127.0.0.1 provider.example blocked.example\n");
	const lines = [
		`http_port 127.0.0.1:${port}`,
		`auth_param basic program ${SQUID_LOGIN} ${passwords}`,
		"auth_param basic realm test",
		"acl known proxy_auth REQUIRED",
		`acl SSL_ports port ${connectPort}`,
		"acl blocked dstdomain blocked.example",
		"http_access deny CONNECT !SSL_ports",
		"http_access deny blocked",
		"http_access allow known",
		"http_access deny all",
		`hosts_file ${join(folder, "hosts")}`,
		// Nothing answers there, so that no name server of the machine is asked.
		"dns_nameservers 127.0.0.1",
		"dns_timeout 1 seconds",
		...["pid_filename none", "cache_log /dev/null", "access_log none", "cache deny all", "shutdown_lifetime 0"],
		...["pinger_enable off", `coredump_dir ${folder}`],
	];
	// Its shared memory is named after the service: `-n`.
	writeFileSync(join(folder, "squid.conf"), `${lines.join("\n")}\n`);
	execFileSync("chmod", ["-R", "a+rX", folder]);
	return started(
		spawn(program, ["-N", "-n", `ccany${port}`, "-f", join(folder, "squid.conf")], { stdio: "ignore" }),
		port,
		folder,
	);
}

/** Dante without passwords, or with `username` one that needs them. It refuses connections to `blockedPort`. */
export async function startDante(
	program: string,
	{ method, blockedPort }: { method: "none" | "username"; blockedPort: number },
): Promise<NetworkProxy> {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-dante-"));
	const port = await freePort();
	const lines = [
		"logoutput: /dev/null",
		`internal: 127.0.0.1 port = ${port}`,
		"external: lo",
		"clientmethod: none",
		`socksmethod: ${method}`,
		"user.privileged: root",
		"user.unprivileged: nobody",
		"client pass { from: 0/0 to: 0/0 }",
		`socks block { from: 0/0 to: 0/0 port = ${blockedPort} }`,
		"socks pass { from: 0/0 to: 0/0 }",
	];
	writeFileSync(join(folder, "danted.conf"), `${lines.join("\n")}\n`);
	return started(spawn(program, ["-f", join(folder, "danted.conf")], { stdio: "ignore" }), port, folder);
}

async function started(child: ChildProcess, port: number, folder: string): Promise<NetworkProxy> {
	for (let tries = 0; !(await isOpen(port)); tries++) {
		if (tries === 200 || child.exitCode !== null) throw new Error(`${child.spawnfile} did not start`);
		await delay(50);
	}
	return {
		port,
		async close() {
			const ended = new Promise((resolve) => child.once("exit", resolve));
			child.kill("SIGTERM");
			await ended;
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

function isOpen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = createConnection(port, "127.0.0.1");
		socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
		socket.once("connect", () => socket.destroy());
	});
}

export function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
		});
	});
}
