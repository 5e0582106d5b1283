import { join } from "node:path";
import { version } from "../../package.json";
import { useCompiledCode } from "../platform/compiled-code.ts";

/** Runs one command line, without the names of node and of the script. Sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
	// There is nothing to parse, and so nothing to load.
	if (argv.length === 1 && argv[0] === "--version") {
		process.stdout.write(`${version}\n`);
		return;
	}
	useCompiledCode(join(import.meta.dirname, "chunks"));
	const { runLine } = await import("./program.ts");
	await runLine(argv);
}
