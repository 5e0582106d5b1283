import { environmentFor } from "../../launch/environment.ts";
import { processEnvironment } from "../../platform/paths.ts";
import { userShell } from "../../platform/shell.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import type { Profile } from "../../profile/model/profile.ts";
import { resolveProfile } from "../../profile/resolve/resolve-profile.ts";
import type { ProxyServer } from "../../proxy/server.ts";
import type { ExchangeRecord } from "../../trace/record/exchange-record.ts";
import { withAskedLimits, withKeptLimits } from "../main-limits.ts";
import { type SelectionOptions, selectionOf } from "../selection.ts";
import { openProxy, Resources } from "../session.ts";
import { print, warn } from "../ui/output.ts";
import { WireAdvice } from "../wire-advice.ts";

export interface ServeOptions extends SelectionOptions {
	port?: number;
	tokenEnv?: string;
	json?: boolean;
	trace?: boolean;
	relearn?: boolean;
}

/** What ends it. Only Windows has Ctrl-Break. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK"] as const;

/** `cc-any serve`: runs the proxy alone, until a signal ends it. */
export async function serve(options: ServeOptions): Promise<void> {
	const ended = new Promise<void>((resolve) => {
		for (const signal of ENDING) process.once(signal, () => resolve());
	});
	const { profile: given, report } = await resolveProfile(selectionOf(options));
	for (const warning of report.warnings) warn(warning);
	const { port, trace, relearn, tokenEnv } = options;
	const token = tokenEnv === undefined ? undefined : tokenIn(tokenEnv, process.env);
	const resources = new Resources();
	try {
		const limits = { relearn, environment: processEnvironment() };
		// The window is one of the lines for a shell. `--json` has none of them, so the server is not asked for it.
		const profile = options.json
			? await withKeptLimits(given, limits)
			: await withAskedLimits(given, limits, resources);
		const advice = new WireAdvice();
		const onExchange = (record: ExchangeRecord) => {
			if (advice.observe(record)) warn(advice.text ?? "");
		};
		const proxy = await openProxy(
			{ profile, port, token, trace, relearn, onExchange, onAnnouncement: warn, internalErrors: "at once" },
			resources,
		);
		print(options.json ? announcement(profile.name, proxy, tokenEnv) : exportLines(profile, proxy, tokenEnv));
		await proxy.prepare();
		await ended;
	} finally {
		await resources.release();
	}
}

/** What a token must be to be guessed by nobody, and to fit into a header. */
const TOKEN = /^[\x21-\x7e]{16,256}$/;

/** The token that the user keeps in a variable, so that clients are configured once. Throws a `UserError`. */
function tokenIn(name: string, variables: NodeJS.ProcessEnv): string {
	const token = variables[name]?.trim() ?? "";
	if (TOKEN.test(token)) return token;
	const problem = token === "" ? "is not set" : "is not a token of 16 to 256 characters without spaces";
	throw new UserError(`${name} ${problem} (--token-env)`, {
		hint: `export ${name}="$(openssl rand -hex 32)", the same value for the clients`,
		exitCode: EXIT.config,
	});
}

/** A token of the user's is named, not shown: what a supervisor prints ends in a log. */
function announcement(profile: string, { url, token }: ProxyServer, tokenEnv: string | undefined): string {
	const access = tokenEnv === undefined ? { token } : { tokenEnv };
	return `${JSON.stringify({ url, ...access, pid: process.pid, profile })}\n`;
}

/** Text for a person, which the user's shell can also read. */
function exportLines(profile: Profile, proxy: ProxyServer, tokenEnv: string | undefined): string {
	const changes = environmentFor({ profile, proxy, parent: process.env, outlivesChild: true });
	const exports = Object.entries(changes.set).map(([name, value]) => {
		const isToken = tokenEnv !== undefined && name === "ANTHROPIC_AUTH_TOKEN";
		return isToken ? userShell.copy(name, tokenEnv) : userShell.set(name, value);
	});
	const unsets = changes.unset.filter((name) => name !== tokenEnv).map(userShell.unset);
	const head = [
		`# cc-any serves profile ${profile.name} at ${proxy.url}; Ctrl-C ends it.`,
		"# Lines for the shell that starts Claude Code, or a program with the Claude Agent SDK:",
	];
	return `${[...head, ...exports, ...unsets].join("\n")}\n`;
}
