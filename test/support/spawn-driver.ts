// Runs the program given as arguments under the launch code alone, for the tests of signals and exit codes.

import { fail } from "../../src/cli/ui/fail.ts";
import { makeRunFolder, writeSettingsFile } from "../../src/launch/run-folder.ts";
import { endAs, runChild, SignalRelay } from "../../src/launch/spawn.ts";

const [file = "", ...rest] = process.argv.slice(2);
const relay = new SignalRelay();
const folder = makeRunFolder();
const settings = writeSettingsFile({ disableAutoMode: "disable" }, folder.path);
const environment = Object.fromEntries(Object.entries(process.env).filter((e): e is [string, string] => e[1] != null));
// A defect of cc-any itself, in the middle of a run.
process.once("SIGUSR2", () => {
	throw new Error("a defect");
});
try {
	const platform = process.env["TEST_PLATFORM"] as NodeJS.Platform | undefined;
	const end = await runChild({ file, args: ["--settings", settings, ...rest], environment }, relay, platform);
	folder.remove();
	relay.close();
	endAs(end);
} catch (error) {
	folder.remove();
	relay.close();
	fail(error);
}
