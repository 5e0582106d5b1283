/** Runs one command line; `args` are without the names of node and of the script. Sets the exit code. */
export async function main(args: readonly string[]): Promise<void> {
	// The most common question of scripts: little needs to be loaded to answer it.
	if (args.length === 1 && args[0] === "--version") return (await import("./commands/version.ts")).printVersion();
	const { runLine } = await import("./program.ts");
	await runLine(args);
}
