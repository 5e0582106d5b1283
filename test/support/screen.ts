import xterm from "@xterm/headless";

/** What a terminal would show at the end of an output, line by line, blanks at line ends cut. Wide, since paths differ in length. */
export async function screenOf(raw: string): Promise<string> {
	const terminal = new xterm.Terminal({ cols: 400, rows: 60, allowProposedApi: true });
	await new Promise<void>((resolve) => terminal.write(raw, resolve));
	const { active } = terminal.buffer;
	const lines = Array.from(
		{ length: active.length },
		(_value, row) => active.getLine(row)?.translateToString(true) ?? "",
	);
	terminal.dispose();
	return `${lines.join("\n").trimEnd()}\n`;
}
