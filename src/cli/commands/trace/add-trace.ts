import type { Command } from "commander";
import { port } from "../../option-values.ts";
import { addSelectionOptions } from "../../selection.ts";

export function addTrace(program: Command): void {
	const trace = program
		.command("trace")
		.description("recorded sessions: list them; show, explain or export an exchange")
		.option("--json", "one JSON document")
		.option("--all", "every session, not only the latest")
		.allowExcessArguments()
		.action(async (options, command) => (await import("./list.ts")).listSessions(options, command.args));
	const json = "one JSON document";
	trace
		.command("list", { hidden: true })
		.action(async (_options, command) => (await import("./list.ts")).listSessions(command.optsWithGlobals(), []));
	trace
		.command("show")
		.description("the exchanges of a session, or one exchange")
		.argument("<session>", "id, its beginning or end, or last")
		.argument("[n]", "number of the exchange")
		.option("--json", json)
		.action(async (session, number, _options, command) =>
			(await import("./show.ts")).showTrace(session, number, command.optsWithGlobals()),
		);
	trace
		.command("explain")
		.description("where an exchange differs from what was expected, and who caused it")
		.argument("[session]", "id, its beginning or end, or last (default: last)")
		.argument("[n]", "number of the exchange (default: the first with a finding)")
		.option("--json", json)
		.action(async (session, number, _options, command) =>
			(await import("./explain.ts")).explainTrace(session, number, command.optsWithGlobals()),
		);
	trace
		.command("tail")
		.description("follow the exchanges live")
		.argument("[session]", "default: the newest")
		.action(async (session) => (await import("./tail.ts")).tailTrace(session));
	trace
		.command("view")
		.description("open the viewer, a web page on this machine")
		.option("--port <number>", "port to listen on (default: any free one)", port)
		.action(async (options) => (await import("./view.ts")).viewTraces(options));
	trace
		.command("export")
		.description("write one exchange as a bundle, for a bug report or a test fixture")
		.argument("<session>")
		.argument("<n>")
		.argument("<dir>", "a new folder")
		.action(async (session, number, folder) => (await import("./export.ts")).exportTrace(session, number, folder));
	addFixture(trace);
}

function addFixture(trace: Command): void {
	trace
		.command("fixture")
		.description("print one exchange as a test fixture, with its golden events")
		.argument("<n>", "number of the exchange")
		.argument("[session]", "id, its beginning or end, or last (default: last)", "last")
		.action(async (number, session) => (await import("./export.ts")).printFixture(number, session));
}

export function addReplay(program: Command): void {
	addSelectionOptions(program.command("replay"))
		.description("run an exported exchange again, and show the differences")
		.argument("<bundle>", "folder that cc-any trace export wrote")
		.option("--live", "send it to the provider, after asking")
		.option("--yes", "with --live: do not ask")
		.action(async (bundle, options) => (await import("../replay.ts")).replay(bundle, options));
}
