import { applyChanges, environmentFor } from "../../launch/environment.ts";
import { endAs, runChild, SignalRelay } from "../../launch/spawn.ts";
import type { ChildEnd } from "../../launch/start-child.ts";
import type { Profile } from "../../profile/model/profile.ts";
import { resolveProfile } from "../../profile/resolve/load.ts";
import { type SelectionOptions, selectionOf } from "../selection.ts";
import { openProxy, prepareSoon, Resources } from "../session.ts";
import { warn } from "../ui/warn.ts";

export interface ExecOptions extends SelectionOptions {
	trace?: boolean;
}

/** Runs any command with the environment of a profile, and ends as it ends. */
export async function exec(options: ExecOptions, command: readonly [string, ...string[]]): Promise<void> {
	const profile = await resolveProfile(selectionOf(options));
	for (const warning of profile.warnings ?? []) warn(warning);
	endAs(await carryOut(profile, command, options.trace));
}

async function carryOut(
	profile: Profile,
	[file, ...rest]: readonly [string, ...string[]],
	trace: boolean | undefined,
): Promise<ChildEnd> {
	const relay = new SignalRelay();
	const resources = new Resources();
	resources.add(() => relay.close());
	try {
		const proxy = await openProxy({ profile, trace }, resources);
		const environment = applyChanges(process.env, environmentFor({ profile, proxy, parent: process.env }));
		const ended = runChild({ file, arguments: rest, environment }, relay);
		prepareSoon(proxy, resources);
		return await ended;
	} finally {
		await resources.release();
	}
}
