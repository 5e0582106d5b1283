import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { LeakFamily } from "./leak-family.ts";

const files = readdirSync(join(import.meta.dirname, "families"));
const modules = await Promise.all(
	files.map(
		(file): Promise<Record<string, LeakFamily | LeakFamily[]>> => import(`./families/${file.replace(".ts", "")}.ts`),
	),
);

/** Every file in `families/` exports the cases of a grammar. */
export const LEAK_FAMILIES: readonly LeakFamily[] = modules.flatMap((module) => Object.values(module).flat());
