import { processEnvironment } from "../../../platform/paths.ts";
import { printableJson } from "../../../platform/printable.ts";
import { EXIT } from "../../../platform/user-error.ts";
import { type SelectionOptions, selectionOf } from "../../selection.ts";
import { processOutput, tellProgress } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import { table } from "../../ui/table.ts";
import { examineConfiguration } from "./configuration.ts";
import { countStates, type DoctorFinding, findingRows } from "./finding.ts";
import { examineLearned } from "./learned.ts";
import { examineClaude, examineNode } from "./programs.ts";
import { examineSurroundings } from "./surroundings.ts";

export interface DoctorOptions extends SelectionOptions {
	claude?: string;
	json?: boolean;
	/** Send nothing to the provider. */
	offline?: boolean;
}

/**
 * `cc-any doctor [PROFILE]`: looks at everything that a run needs, each finding with its fix, printed as soon as it is known.
 * Asks the provider for its models and for one tool call. Exit code 1 when something failed; warnings leave it 0.
 */
export async function doctor(name: string | undefined, options: DoctorOptions): Promise<void> {
	const output = processOutput();
	const findings: DoctorFinding[] = [];
	for await (const found of examine(name, options)) {
		tellWaiting("");
		findings.push(...found);
		if (!options.json) output.write(table(found.flatMap(findingRows)));
	}
	if (options.json) output.write(`${printableJson(findings, 2)}\n`);
	else output.tell(`\n${countStates(findings)}\n`);
	if (findings.some(({ state }) => state === "failed")) process.exitCode = EXIT.failure;
}

/** What is examined, in order. Each step has a time limit of its own. */
async function* examine(name: string | undefined, options: DoctorOptions): AsyncGenerator<readonly DoctorFinding[]> {
	const environment = processEnvironment();
	const selection = selectionOf(name === undefined ? options : { ...options, profile: name });
	yield [examineNode()];
	tellWaiting("reading the configuration and the key");
	const { findings, resolved } = await examineConfiguration(selection, environment);
	yield [await examineClaude(environment, options.claude, resolved?.profile)];
	yield findings;
	yield examineSurroundings(resolved?.profile, environment, selection.cwd);
	if (!resolved) return;
	yield examineLearned(resolved.profile, environment);
	if (options.offline) return;
	tellWaiting("asking the provider for its models");
	const { examineProvider } = await import("./provider.ts");
	const { findings: answers, profile } = await examineProvider(resolved);
	yield answers;
	// Otherwise a tool call would fail too, after its retries.
	if (answers.some(({ state }) => state === "failed")) return;
	tellWaiting("asking for the context window");
	const { examineWindow } = await import("./window.ts");
	yield [await examineWindow(profile, environment)];
	tellWaiting("asking the model for a tool call");
	const { examineToolCall } = await import("./tool-call.ts");
	yield [(await examineToolCall(profile)).finding];
}

/** A line for a person who waits, which the next finding replaces. */
function tellWaiting(text: string): void {
	if (process.stderr.isTTY) tellProgress(text === "" ? "" : style.faint(`${text} …`));
}
