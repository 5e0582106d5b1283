import { roundedTokens } from "../../../profile/model/describe-model.ts";
import type { Model } from "../../../profile/model/profile.ts";

/** What a table of models shows of each. Fields that are not known are absent. */
export type ModelFacts = Partial<Pick<Model, "contextWindow" | "maxOutput" | "price" | "vision" | "thinking">>;

/** The titles of the columns of `factCells`. */
export const FACT_TITLES = ["window", "output", "in", "out", "cached", "sees", "thinks"];

export function factsOf({ contextWindow, maxOutput, price, vision, thinking }: Model): ModelFacts {
	return { contextWindow, maxOutput, price, vision, thinking };
}

/** The cells of a table; `?` is not known. */
export function factCells({ contextWindow, maxOutput, price, vision, thinking }: ModelFacts): string[] {
	const dollars = (value: number | undefined) => (value === undefined ? "?" : `$${value}`);
	const tokens = (value: number | undefined) => (value === undefined ? "?" : roundedTokens(value));
	return [
		tokens(contextWindow),
		tokens(maxOutput),
		dollars(price?.input),
		dollars(price?.output),
		dollars(price?.cacheRead),
		vision === undefined ? "?" : vision ? "yes" : "no",
		thinking ?? "?",
	];
}
