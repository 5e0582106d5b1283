import { UserError } from "../../../platform/user-error.ts";
import { exportExchange } from "../../../trace/store/export.ts";
import { print, tell } from "../../ui/output.ts";
import { chooseExchange } from "./show.ts";

/** Writes one exchange as a bundle, for a bug report or as a test fixture. */
export async function exportTrace(name: string, number: string, folder: string): Promise<void> {
	const { session, stored } = await chooseExchange(name, number);
	if (!stored) {
		throw new UserError(`session ${session.head.session} has no full trace of exchange ${number}`, {
			hint: "run it again with --trace, or CC_ANY_TRACE=1",
		});
	}
	const names = await exportExchange(stored, folder);
	print(`${folder}\n`);
	tell(`${names.join(", ")}\nIt contains prompt and reply: read it before you share it.\n`);
}
