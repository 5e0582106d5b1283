import { processEnvironment } from "../../../platform/paths.ts";
import { printableJson } from "../../../platform/printable.ts";
import { EXIT } from "../../../platform/user-error.ts";
import { type SelectionOptions, selectionOf } from "../../selection.ts";
import { processOutput } from "../../ui/output.ts";
import { table } from "../../ui/table.ts";
import { examineConfiguration } from "./configuration.ts";
import { countStates, type DoctorFinding, findingRows } from "./finding.ts";
import { examineLearned } from "./learned.ts";
import { examinePrograms } from "./programs.ts";
import { examineSurroundings } from "./surroundings.ts";

export interface DoctorOptions extends SelectionOptions {
	claude?: string;
	json?: boolean;
	/** Send nothing to the provider. */
	offline?: boolean;
}

/**
 * `cc-any doctor [PROFILE]`: looks at everything that a run needs, each finding with its fix. Asks the provider for its
 * models and for one tool call. Exit code 1 when something failed; warnings leave it 0.
 */
export async function doctor(name: string | undefined, options: DoctorOptions): Promise<void> {
	const environment = processEnvironment();
	const selection = selectionOf(name === undefined ? options : { ...options, profile: name });
	const { findings: configured, resolved } = await examineConfiguration(selection, environment);
	const findings: DoctorFinding[] = [
		...(await examinePrograms(environment, options.claude)),
		...configured,
		...examineSurroundings(resolved?.profile, environment, selection.cwd),
	];
	if (resolved) findings.push(...examineLearned(resolved.profile, environment));
	if (resolved && !options.offline) {
		const { examineProvider } = await import("./provider.ts");
		const provider = await examineProvider(resolved, process.env);
		findings.push(...provider);
		// Otherwise a tool call would fail too, after its retries.
		if (provider.every(({ state }) => state !== "failed")) {
			const { examineToolCall } = await import("./tool-call.ts");
			findings.push(await examineToolCall(resolved.profile));
		}
	}
	report(findings, options.json);
	if (findings.some(({ state }) => state === "failed")) process.exitCode = EXIT.failure;
}

function report(findings: readonly DoctorFinding[], json: boolean | undefined): void {
	const output = processOutput();
	if (json) {
		output.write(`${printableJson(findings, 2)}\n`);
		return;
	}
	output.write(table(findings.flatMap(findingRows)));
	output.tell(`\n${countStates(findings)}\n`);
}
