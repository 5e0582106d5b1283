import type { Probe } from "../../../check/probe.ts";
import { expenseText } from "../../../check/report/report.ts";
import { estimateExpense } from "../../../check/run/estimate.ts";
import { UserError } from "../../../platform/user-error.ts";
import { modelOf, type Profile } from "../../../profile/model/profile.ts";
import type { CommandOutput } from "../../ui/output.ts";
import { confirm, isTerminal } from "../../ui/prompt.ts";

/** A more expensive check needs consent. */
const CONSENT_ABOVE_DOLLARS = 1;

export interface ConsentOptions {
	probes: readonly Probe[];
	runs: number;
	loops: { count: number; calls: number };
	/** Tool calls of the real Claude Code; 0 when it is not run. */
	claudeCalls: number;
	budget: number | undefined;
	/** Consent was given in advance. */
	yes: boolean;
}

/** Shows the estimated cost on a terminal, and asks for consent if it is high. Scripts use `--budget`. */
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
	if (cost > CONSENT_ABOVE_DOLLARS && !(await confirm("Continue?")))
		throw new UserError("nothing was sent", { hint: "--runs 1, --budget DOLLARS, --only NAMES" });
}

/** A budget that cannot be kept is reported before the first request. */
function assertPrice(profile: Profile): void {
	const { id, price } = mainModel(profile);
	if (price?.input !== undefined && price.output !== undefined) return;
	throw new UserError(`profile ${profile.name} has no price for ${id}, so --budget cannot be enforced`, {
		hint: `set models.${id}.price (input, output) in your own profile, or omit --budget`,
	});
}

function mainModel(profile: Profile) {
	return modelOf(profile, profile.tiers.opus);
}
