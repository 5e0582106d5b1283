// The targets by name, and how to start each. A file given with --targets adds others: it exports an object of the same
// shape, and may be outside the repository with its own node_modules.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Response repairs without smoothing, for a run without them. */
const REPAIRS = [
	...["think-tags", "duplicated-reasoning", "stop-sequences", "leaked-tool-calls", "tool-input", "missing-parameters"],
	...["control-tokens", "empty-turn", "missing-usage"],
];
const SMOOTHING = ["smoothing"];

/** Each returns the command of a proxy whose first line of output is `{"url", "token"}`. */
const OWN = {
	pipe: (place) => bare(place, "pipe"),
	translator: (place) => bare(place, "translator"),
	chat: (place) => ccAny(place, "openai-chat"),
	messages: (place) => ccAny(place, "anthropic"),
	responses: (place) => ccAny(place, "openai-responses"),
	gemini: (place) => ccAny(place, "gemini"),
	"chat, no repairs": (place) => ccAny(place, "openai-chat", { disabledRepairs: [...REPAIRS, ...SMOOTHING] }),
	"chat, no smoothing": (place) => ccAny(place, "openai-chat", { disabledRepairs: SMOOTHING }),
	"chat, full trace": (place) => ccAny(place, "openai-chat", {}, ["--trace"]),
};

/** The targets of a run: all of OWN, or the named ones, and those of a file. */
export async function selectTargets(names, file) {
	const added = file ? (await import(pathToFileURL(file).href)).default : {};
	const all = { ...OWN, ...added };
	const wanted = names ? ["pipe", ...names.filter((name) => name !== "pipe")] : Object.keys(all);
	const unknown = wanted.filter((name) => !all[name]);
	if (unknown.length > 0) throw new Error(`no target ${unknown.join(", ")}; there are ${Object.keys(all).join(", ")}`);
	return Object.fromEntries(wanted.map((name) => [name, all[name]]));
}

function bare({ upstream }, name) {
	return [process.execPath, [join(root, `bench/proxy/${name}.mjs`), upstream]];
}

function ccAny({ upstream, folder }, dialect, fields = {}, options = []) {
	const path = join(folder, `${dialect}-${fields.disabledRepairs?.length ?? 0}.yaml`);
	const models = Object.fromEntries(
		["small", "fast", "chunked", "paced", "brisk"].map((id) => [id, { contextWindow: 2_000_000 }]),
	);
	const baseUrl = { anthropic: upstream, gemini: `${upstream}/v1beta` }[dialect] ?? `${upstream}/v1`;
	const profile = { key: "sk-bench-key", model: "small", dialect, endpoints: { [dialect]: { baseUrl } }, models };
	writeFileSync(path, JSON.stringify({ ...profile, ...fields }));
	return [process.execPath, [join(root, "bin/cc-any.js"), "serve", "--profile", path, "--json", ...options]];
}
