import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../../platform/user-error.ts";
import { FOLDER } from "./trail.ts";

/** What a tool returned. */
export interface ToolOutput {
	text: string;
	isError: boolean;
}

/**
 * A temporary folder in which the calls of a model are executed: Read, Write and Edit of plain files, no shell, nothing
 * outside the folder. The model sees it as `FOLDER`.
 */
export class LoopSandbox {
	readonly #folder: string;

	private constructor(folder: string) {
		this.#folder = folder;
	}

	static async open(files: Readonly<Record<string, string>>): Promise<LoopSandbox> {
		const folder = await mkdtemp(join(tmpdir(), "cc-any-loop-"));
		for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
		return new LoopSandbox(folder);
	}

	async close(): Promise<void> {
		await rm(this.#folder, { recursive: true, force: true });
	}

	/** Executes a call. A wrong call returns a tool error in Claude Code's words. */
	async run(tool: string, input: Readonly<Record<string, unknown>>): Promise<ToolOutput> {
		const path = this.#pathOf(input["file_path"]);
		if (path === undefined) return error(`${JSON.stringify(input["file_path"])} is not in ${FOLDER}`);
		if (tool === "Write") {
			await writeFile(path, String(input["content"]));
			return done("The file was written.");
		}
		const text = await read(path);
		if (text === undefined) return error("File does not exist.");
		if (tool === "Read") return done(text);
		return tool === "Edit" ? edit(path, text, input) : error(`There is no tool ${tool}.`);
	}

	/** The path of a file directly in the folder, from the name that the model uses; undefined for any other path. */
	#pathOf(name: unknown): string | undefined {
		const isInside = typeof name === "string" && dirname(name) === FOLDER && /^[\w.-]+$/.test(basename(name));
		return isInside && !basename(name).startsWith(".") ? join(this.#folder, basename(name)) : undefined;
	}
}

const done = (text: string): ToolOutput => ({ text, isError: false });
const error = (text: string): ToolOutput => ({ text, isError: true });

async function edit(path: string, text: string, input: Readonly<Record<string, unknown>>): Promise<ToolOutput> {
	const before = String(input["old_string"]);
	if (before === "" || !text.includes(before)) return error("String to replace not found in file.");
	await writeFile(
		path,
		text.replace(before, () => String(input["new_string"])),
	);
	return done("The file was edited.");
}

async function read(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, "utf8");
	} catch (failure) {
		if (errorCode(failure) === "ENOENT") return undefined;
		throw failure;
	}
}
