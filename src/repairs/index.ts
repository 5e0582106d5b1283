import type { RequestRepair, ResponseRepair } from "./repair.ts";

/** In this order, one reason a line. */
export const requestRepairs: readonly RequestRepair[] = [];

/** In this order, one reason a line. */
export const responseRepairs: readonly ResponseRepair[] = [];
