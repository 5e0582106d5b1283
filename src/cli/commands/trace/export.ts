import { UserError } from "../../../platform/user-error.ts";
import { exportExchange, fixtureOfExchange } from "../../../trace/store/export.ts";
import type { StoredExchange } from "../../../trace/store/read-store.ts";
import { print, tell } from "../../ui/output.ts";
import { chooseExchange } from "./show.ts";

/** Prints one exchange as a test fixture. */
export async function printFixture(number: string, name: string): Promise<void> {
	const { session, stored } = await chooseExchange(name, number);
	const { dialect, text } = await fixtureOfExchange(traceOf(stored, session.head.session, number));
	print(text);
	tell(`A case of test/fixtures/${dialect}/. It has the prompt and the reply in full: read it before you share it.\n`);
}

function traceOf(stored: StoredExchange | undefined, session: string, number: string): StoredExchange {
	if (stored) return stored;
	throw new UserError(`session ${session} has no full trace of exchange ${number}`, {
		hint: "run it again with --trace, or CC_ANY_TRACE=1",
	});
}

/** Writes one exchange as a bundle, for a bug report or as a test fixture. */
export async function exportTrace(name: string, number: string, folder: string): Promise<void> {
	const { session, stored } = await chooseExchange(name, number);
	const names = await exportExchange(traceOf(stored, session.head.session, number), folder);
	print(`${folder}\n`);
	tell(`${names.join(", ")}\nIt has the prompt and the reply in full: read it before you share it.\n`);
}
