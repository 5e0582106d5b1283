import { text as readAll } from "node:stream/consumers";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { cleanKey, isUsableKey } from "../../profile/keys/clean-key.ts";
import { assertNoReference } from "../../profile/keys/resolve-key.ts";
import { tellError } from "../ui/fail.ts";
import { tell } from "../ui/output.ts";
import { askHidden } from "../ui/prompt.ts";

/** What a key is for. */
interface KeyPlace {
	profile: string;
	variable: string;
}

/** Asks a person for a key, again until the text can be one. Escape and Ctrl-C end it. */
export async function askKey(question: string, place: KeyPlace): Promise<string> {
	for (;;) {
		const given = await askHidden(`${question} (not shown):`);
		try {
			return usableKey(given, place);
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			tellError(error);
		}
	}
}

/** The key on standard input. */
export async function keyFromStdin(place: KeyPlace): Promise<string> {
	return usableKey(await readAll(process.stdin), place);
}

/** The key without what people copy with it. Throws a `UserError` for what no HTTP header can carry. */
function usableKey(given: string, { profile, variable }: KeyPlace): string {
	const { key, removed } = cleanKey(given.trim());
	if (removed !== undefined) tell(`the key ${removed}\n`);
	assertNoReference(key, "your input", { profile, field: "key" });
	if (isUsableKey(key)) return key;
	const what = key === "" ? "it is empty" : "it has spaces, line breaks or non-ASCII characters";
	throw new UserError(`the key for ${variable} was not stored: ${what}`, {
		hint: `give the key alone, on one line; from a file: cc-any keys set ${profile} < FILE`,
		exitCode: EXIT.usage,
	});
}
