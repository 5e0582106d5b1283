import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import Module from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { writeFileAtomic } from "./atomic-write.ts";
import { cacheFolder, processEnvironment } from "./paths.ts";

/** How Node loads what is required, by the ending of its name (`require.extensions`). */
interface Loaders {
	_extensions: Record<string, (module: NodeModule, path: string) => unknown>;
}

/** What Node puts around a file, and how it is called. */
const HEAD = Buffer.from("(function (exports, require, module, __filename, __dirname) { ");
const TAIL = Buffer.from("\n});");
type Wrapped = (...scope: [unknown, (id: string) => unknown, NodeModule, string, string]) => void;

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

	/** Compiles a file of the program, which is all ASCII; undefined for any other. */
	compile(path: string): Script | undefined {
		if (dirname(path) !== this.#program) return undefined;
		const name = basename(path);
		const cachedData = this.#read(name);
		// One string, put together outside of V8's heap: with two of them each start would collect garbage once more.
		const text = Buffer.concat([HEAD, readFileSync(path), TAIL]).toString("latin1");
		const script = new Script(text, { filename: path, ...(cachedData && { cachedData }) });
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
			for (const [name, script] of this.#fresh) writeFileAtomic(join(this.#kept, name), script.createCachedData());
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

/** Whether nobody else can put code there (XDG_CACHE_HOME may be anywhere); what is not there is made by us. */
function isPrivate(folder: string): boolean {
	try {
		const found = statSync(folder, { throwIfNoEntry: false });
		const user = process.getuid?.();
		return !found || user === undefined || (found.uid === user && (found.mode & 0o022) === 0);
	} catch {
		return false; // A file on the way to it, a folder that is closed.
	}
}

let compiledCode: CompiledCode | undefined;

/** From here on the files of the program, those of one folder, are read with what is kept of them. */
export function useCompiledCode(program: string): void {
	if ("enableCompileCache" in Module || process.env["NODE_DISABLE_COMPILE_CACHE"]) return;
	const cache = cacheFolder(processEnvironment());
	const kept = join(cache, `compiled-${process.version}-${process.arch}`);
	if (!isPrivate(cache) || !isPrivate(kept)) return;
	const code = new CompiledCode(program, kept);
	compiledCode = code;
	const loaders = (Module as unknown as Loaders)._extensions;
	const loadAsNode = loaders[".cjs"] ?? loaders[".js"];
	loaders[".cjs"] = (module, path) => {
		const script = code.compile(path);
		if (!script) return loadAsNode?.(module, path);
		const run = script.runInThisContext() as Wrapped;
		return run.call(module.exports, module.exports, (id) => module.require(id), module, path, dirname(path));
	};
}

/** To be called once a start is over: it takes some ten milliseconds, the first time. */
export function keepCompiledCode(): void {
	compiledCode?.keep();
}
