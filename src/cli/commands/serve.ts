import { environmentFor } from "../../launch/environment.ts";
import { processEnvironment } from "../../platform/paths.ts";
import type { Profile } from "../../profile/model/profile.ts";
import { resolveProfile } from "../../profile/resolve/resolve-profile.ts";
import type { ProxyServer } from "../../proxy/server.ts";
import type { ExchangeRecord } from "../../trace/record/exchange-record.ts";
import { withAskedLimits } from "../main-limits.ts";
import { type SelectionOptions, selectionOf } from "../selection.ts";
import { openProxy, Resources } from "../session.ts";
import { print, quote, warn } from "../ui/output.ts";
import { WireAdvice } from "../wire-advice.ts";

export interface ServeOptions extends SelectionOptions {
	port?: number;
	json?: boolean;
	trace?: boolean;
	relearn?: boolean;
}

/** `cc-any serve`: runs the proxy alone, until SIGINT, SIGTERM or SIGHUP. */
export async function serve(options: ServeOptions): Promise<void> {
	const ended = new Promise<void>((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.once(signal, () => resolve());
	});
	const { profile: given, report } = await resolveProfile(selectionOf(options));
	for (const warning of report.warnings) warn(warning);
	const { port, trace, relearn } = options;
	const resources = new Resources();
	try {
		const profile = await withAskedLimits(given, { relearn, environment: processEnvironment() }, resources);
		const advice = new WireAdvice();
		const onExchange = (record: ExchangeRecord) => {
			if (advice.observe(record)) warn(advice.text ?? "");
		};
		const proxy = await openProxy({ profile, port, trace, relearn, onExchange }, resources);
		if (port && port !== proxy.port) warn(`port ${port} is taken, ${proxy.port} is used`);
		print(options.json ? announcement(profile.name, proxy) : exportLines(profile, proxy));
		await proxy.prepare();
		await ended;
	} finally {
		await resources.release();
	}
}

function announcement(profile: string, { url, token }: ProxyServer): string {
	return `${JSON.stringify({ url, token, pid: process.pid, profile })}\n`;
}

/** Text for a person, which a POSIX shell can also read. */
function exportLines(profile: Profile, proxy: ProxyServer): string {
	const changes = environmentFor({ profile, proxy, parent: process.env });
	const exports = Object.entries(changes.set).map(([name, value]) => `export ${name}=${quote(value)}`);
	const unsets = changes.unset.map((name) => `unset ${name}`);
	const head = [
		`# cc-any serves profile ${profile.name} at ${proxy.url}; Ctrl-C ends it.`,
		"# Lines for the shell that starts Claude Code, or a program with the Claude Agent SDK:",
	];
	return `${[...head, ...exports, ...unsets].join("\n")}\n`;
}
