import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { cacheFolder, processEnvironment } from "./profile/environment.ts";

/** What Node calls with the text of a file that was required; not documented, the same since its first versions. */
interface Compiler {
	_compile(this: NodeModule, text: string, path: string): unknown;
}

/**
 * Keeps what V8 makes of this program's files, so that the next start need not make it again: a quarter of the time to a
 * proxy that is ready. From 22.1 on Node does it itself (`enableCompileCache`); like there, NODE_DISABLE_COMPILE_CACHE=1
 * turns it off. The names of the program's files hold a hash of their text, and V8 checks the version and the length.
 */
class CompiledCode {
	readonly #program: string;
	readonly #kept: string;
	/** What V8 had to compile, by the names of the files. */
	readonly #fresh = new Map<string, Script>();

	constructor(program: string, kept: string) {
		this.#program = program;
		this.#kept = kept;
	}

	/** Compiles a file of the program; undefined for any other. */
	compile(path: string, text: string): Script | undefined {
		if (dirname(path) !== this.#program) return undefined;
		const name = basename(path);
		const cachedData = this.#read(name);
		const script = new Script(Module.wrap(text), { filename: path, ...(cachedData && { cachedData }) });
		// V8 refuses what was made with other flags.
		if (!cachedData || script.cachedDataRejected) this.#fresh.set(name, script);
		return script;
	}

	/** Writes what was compiled; what is there of other versions of the program goes. */
	keep(): void {
		if (this.#fresh.size === 0) return;
		try {
			mkdirSync(this.#kept, { recursive: true, mode: 0o700 });
			const current = new Set(readdirSync(this.#program));
			for (const name of readdirSync(this.#kept)) if (!current.has(name)) rmSync(join(this.#kept, name));
			for (const [name, script] of this.#fresh) writeWhole(join(this.#kept, name), script.createCachedData());
		} catch {
			// A folder that cannot be written, a full disk: the next start compiles again, as it would have done.
		}
		this.#fresh.clear();
	}

	#read(name: string): Buffer | undefined {
		try {
			return readFileSync(join(this.#kept, name));
		} catch {
			return undefined; // The first start with this Node, or with this version.
		}
	}
}

/** Nobody ever sees half a file: V8 runs what it is given. */
function writeWhole(path: string, bytes: Buffer): void {
	const draft = `${path}.${process.pid}`;
	writeFileSync(draft, bytes, { mode: 0o600 });
	renameSync(draft, path);
}

let compiledCode: CompiledCode | undefined;

/** From here on the files of the program, those of one folder, are read with what is kept of them. */
export function useCompiledCode(program: string): void {
	if ("enableCompileCache" in Module || process.env["NODE_DISABLE_COMPILE_CACHE"]) return;
	const { version, arch } = process;
	const code = new CompiledCode(program, join(cacheFolder(processEnvironment()), `compiled-${version}-${arch}`));
	compiledCode = code;
	const compiler = Module.prototype as unknown as Compiler;
	const compileAsNode = compiler._compile;
	compiler._compile = function (text, path) {
		const script = code.compile(path, text);
		if (!script) return compileAsNode.call(this, text, path);
		const run = script.runInThisContext() as (...scope: unknown[]) => unknown;
		return run.call(this.exports, this.exports, (id: string) => this.require(id), this, path, dirname(path));
	};
}

/** To be called once a start is over: it takes some ten milliseconds, the first time. */
export function keepCompiledCode(): void {
	compiledCode?.keep();
}
