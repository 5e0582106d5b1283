import { applyChanges, environmentFor } from "../../launch/environment.ts";
import { type ChildEnd, endAs, runChild, SignalRelay } from "../../launch/spawn.ts";
import { processEnvironment } from "../../platform/paths.ts";
import type { Profile } from "../../profile/model/profile.ts";
import { resolveProfile } from "../../profile/resolve/resolve-profile.ts";
import type { ExchangeRecord } from "../../trace/record/exchange-record.ts";
import { withAskedLimits } from "../main-limits.ts";
import { type SelectionOptions, selectionOf } from "../selection.ts";
import { openProxy, prepareSoon, Resources } from "../session.ts";
import { warn } from "../ui/output.ts";
import { WireAdvice } from "../wire-advice.ts";

export interface ExecOptions extends SelectionOptions {
	trace?: boolean;
	relearn?: boolean;
}

/** `cc-any exec -- COMMAND`: runs a command with the environment of a profile, and exits as it exits. */
export async function exec(options: ExecOptions, command: readonly [string, ...string[]]): Promise<void> {
	const { profile, report } = await resolveProfile(selectionOf(options));
	for (const warning of report.warnings) warn(warning);
	endAs(await execute(profile, command, { ...options, isGiven: report.context !== undefined }));
}

async function execute(
	profile: Profile,
	[file, ...args]: readonly [string, ...string[]],
	{ trace, relearn, isGiven }: ExecOptions & { isGiven: boolean },
): Promise<ChildEnd> {
	const relay = new SignalRelay();
	const resources = new Resources();
	resources.add(() => relay.close());
	try {
		const known = await withAskedLimits(profile, { relearn, isGiven, environment: processEnvironment() }, resources);
		const advice = new WireAdvice();
		const onExchange = (record: ExchangeRecord) => void advice.observe(record);
		const proxy = await openProxy(
			{ profile: known, trace, relearn, onExchange, internalErrors: "at the end" },
			resources,
		);
		const environment = applyChanges(process.env, environmentFor({ profile: known, proxy, parent: process.env }));
		const ended = runChild({ file, args, environment }, relay);
		prepareSoon(proxy, resources);
		const end = await ended;
		if (advice.text !== undefined) warn(advice.text);
		return end;
	} finally {
		await resources.release();
	}
}
