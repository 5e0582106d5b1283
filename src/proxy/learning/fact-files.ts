import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { fileNameOf } from "../../platform/paths.ts";
import { DIALECTS, QuirksSchema } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import { type Change, type Fact, factsOf, KEPT_MS } from "./facts.ts";
import type { FactStore } from "./learned-facts.ts";

const tokens = v.pipe(v.number(), v.integer(), v.minValue(1));

const ChangeSchema = v.strictObject({
	contextWindow: v.optional(tokens),
	maxOutput: v.optional(tokens),
	sharedWindow: v.optional(v.strictObject({ tokens, tokensPerChar: v.pipe(v.number(), v.minValue(0), v.maxValue(8)) })),
	refused: v.optional(v.array(v.string())),
	quirks: v.optional(v.partial(QuirksSchema)),
	edits: v.optional(QuirksSchema.entries.bodyEdits.wrapped),
	vision: v.optional(v.literal(false)),
	dialect: v.optional(v.picklist(DIALECTS)),
});

const FactSchema = v.strictObject({
	version: v.literal(1),
	/** For people: which model of which profile it is about. */
	profile: v.string(),
	model: v.string(),
	done: v.string(),
	at: v.number(),
	change: ChangeSchema,
});

export interface FactFilesOptions {
	/** See `learnedFolder`. */
	folder: string;
	/** Removes what earlier runs have learned about each target that is used. */
	relearn?: boolean | undefined;
}

/**
 * Facts in the state folder, each in a file of its own: processes that learn at the same time lose nothing, and the last
 * one to learn about one window has its number kept. A damaged file is a fact that was not learned.
 */
export class FactFiles implements FactStore {
	readonly #problems: string[] = [];
	readonly #options: FactFilesOptions;

	constructor(options: FactFilesOptions) {
		this.#options = options;
	}

	read(key: string): Fact[] {
		const folder = this.#folderOf(key);
		if (!existsSync(folder)) return [];
		return this.#guarded([], () => {
			if (this.#options.relearn) {
				rmSync(folder, { recursive: true });
				return [];
			}
			const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
			return files.flatMap((name) => this.#readFact(join(folder, name))).toSorted((a, b) => a.at - b.at);
		});
	}

	takeProblems(): string[] {
		return this.#problems.splice(0);
	}

	keep(key: string, { profile, model }: Target, { slot, done, at, change }: Fact): void {
		const text = JSON.stringify({ version: 1, profile, model, done, at, change }, undefined, "\t");
		this.#guarded(undefined, () => writeFileAtomic(this.#fileOf(key, slot), `${text}\n`));
	}

	forget(key: string, { slot }: Fact): void {
		this.#guarded(undefined, () => rmSync(this.#fileOf(key, slot), { force: true }));
	}

	/** An expired or damaged fact is removed: the request is sent as the profile says, and it may be learned again. */
	#readFact(file: string): Fact[] {
		return this.#guarded([], () => {
			const { kept, damage } = parseFact(readFileSync(file, "utf8"));
			const age = kept ? Date.now() - kept.at : 0;
			const facts = kept ? factsOf(kept.change as Change, { done: kept.done }, kept.at) : [];
			if (facts.length > 0 && age >= 0 && age < KEPT_MS)
				return facts.map((fact) => ({ ...fact, isKept: true, isConfirmed: true }));
			rmSync(file, { force: true });
			if (damage !== undefined) this.#problems.push(`${file} was damaged and is removed: ${damage}`);
			return [];
		});
	}

	/** A state folder that cannot be read or written costs what was learned, never the request. */
	#guarded<Result>(otherwise: Result, action: () => Result): Result {
		try {
			return action();
		} catch (error) {
			this.#problems.push(error instanceof Error ? error.message : String(error));
			return otherwise;
		}
	}

	#folderOf(key: string): string {
		return join(this.#options.folder, fileNameOf(key));
	}

	#fileOf(key: string, slot: string): string {
		return join(this.#folderOf(key), `${fileNameOf(slot)}.json`);
	}
}

function parseFact(text: string): { kept?: v.InferOutput<typeof FactSchema>; damage?: string } {
	try {
		return { kept: v.parse(FactSchema, JSON.parse(text)) };
	} catch (error) {
		return { damage: error instanceof Error ? error.message : String(error) };
	}
}
