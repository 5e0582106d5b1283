import type { Probe } from "../../../check/probe.ts";
import { expenseText } from "../../../check/report/report.ts";
import { estimateExpense } from "../../../check/run/estimate.ts";
import { UserError } from "../../../platform/user-error.ts";
import { modelOf, type Profile } from "../../../profile/model/profile.ts";
import type { CommandOutput } from "../../ui/output.ts";
import { ask, isTerminal } from "../../ui/prompt.ts";

/** US dollars above which a person at a terminal is asked first. */
const ASK_ABOVE = 1;

export interface ConsentOptions {
	probes: readonly Probe[];
	runs: number;
	loops: { count: number; calls: number };
	/** Calls of the real Claude Code; 0: it is not run. */
	claudeCalls: number;
	budget: number | undefined;
	/** Consent given beforehand. */
	yes: boolean;
}

/** Tells a person what it will take, and asks where that is much. A script has said so by its call and `--budget`. */
export async function requireConsent(
	profiles: readonly Profile[],
	options: ConsentOptions,
	output: CommandOutput,
): Promise<void> {
	if (options.budget !== undefined) profiles.forEach(assertPrice);
	if (!isTerminal() || options.yes) return;
	let cost = 0;
	for (const profile of profiles) {
		const expense = await estimateExpense({ ...options, model: mainModel(profile) });
		cost += expense.cost ?? 0;
		output.tell(`${profile.name}: about ${expenseText(expense)}\n`);
	}
	if (cost > ASK_ABOVE && !(await confirm("Go on?")))
		throw new UserError("nothing was sent", { hint: "--runs 1, --budget DOLLARS, --only NAMES" });
}

/** Asks on the terminal; without one the answer is no. */
export async function confirm(question: string): Promise<boolean> {
	return isTerminal() && /^y(es)?$/i.test(await ask(`${question} [y/N]`));
}

/** Told before the first request: a budget that cannot be kept must not cost anything. */
function assertPrice(profile: Profile): void {
	const { id, price } = mainModel(profile);
	if (price?.input !== undefined && price.output !== undefined) return;
	throw new UserError(`profile ${profile.name} names no price of ${id}, so no budget can be kept`, {
		hint: `give models.${id}.price (input, output) in your own profile, or leave --budget out`,
	});
}

function mainModel(profile: Profile) {
	return modelOf(profile, profile.tiers.opus);
}
