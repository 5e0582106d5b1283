import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		reporters: ["default", "./test/support/plain-line-reporter.ts"],
		globalSetup: "test/support/built-in-profiles.mjs",
		testTimeout: 60_000,
		hookTimeout: 120_000,
		// Most tests wait for processes and clocks: on two cores Vitest's own choice, one worker, takes 12 minutes instead of 7.
		maxWorkers: Math.max(2, availableParallelism() - 1),
	},
});
