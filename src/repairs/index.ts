import type { RequestRepair, ResponseRepair } from "./repair.ts";
import { leakedToolCalls } from "./response/leaked-tool-calls.ts";

/** In this order, one reason a line. */
export const requestRepairs: readonly RequestRepair[] = [];

/** In this order, one reason a line. */
export const responseRepairs: readonly ResponseRepair[] = [
	// First, because what it finds are tool calls, which the later ones repair like any other.
	leakedToolCalls,
];
