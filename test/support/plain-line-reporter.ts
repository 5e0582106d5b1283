import type { Reporter, TestModule } from "vitest/node";

/** Prints `N passed, N failed` as the last line of a run, the form that the CI reads. */
export default class PlainLineReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
		const counts = { passed: 0, failed: 0, skipped: 0 };
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				if (state !== "pending") counts[state]++;
			}
			// A file that could not be loaded holds no test, but is a failure all the same.
			if (module.errors().length > 0) counts.failed++;
		}
		counts.failed += unhandledErrors.length;
		const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
		// The default reporter writes its own summary in the same hook: wait until it has.
		process.once("exit", () => process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`));
	}
}
