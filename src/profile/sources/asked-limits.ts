import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { isObject, tryParseJson } from "../../platform/json.ts";
import { type Environment, fileNameOf, stateFolder } from "../../platform/paths.ts";
import type { Target } from "../model/target.ts";

/** What a server has said about the limits of a model. */
export interface KeptLimits {
	/** For people: which model it is about. */
	model: string;
	contextWindow?: number | undefined;
	maxOutput?: number | undefined;
	/** When it was asked, milliseconds since 1970. */
	at: number;
}

/** The last answer about a model at an address; undefined without one, and if the file is damaged: it is asked again. */
export function readAskedLimits(target: Target, environment: Environment): KeptLimits | undefined {
	const file = limitsFile(target, environment);
	const value = existsSync(file) ? tryParseJson(readFileSync(file, "utf8")) : undefined;
	return isKept(value) ? value : undefined;
}

export function keepAskedLimits(target: Target, kept: KeptLimits, environment: Environment): void {
	writeFileAtomic(limitsFile(target, environment), `${JSON.stringify(kept)}\n`);
}

function isKept(value: unknown): value is KeptLimits {
	if (!isObject(value) || !Number.isFinite(value["at"])) return false;
	const limits = [value["contextWindow"], value["maxOutput"]];
	return limits.every((limit) => limit === undefined || (Number.isInteger(limit) && Number(limit) > 0));
}

function limitsFile({ baseUrl, model }: Target, environment: Environment): string {
	return join(stateFolder(environment), "limits", `${fileNameOf(`${baseUrl} ${model}`)}.json`);
}
