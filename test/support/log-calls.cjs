// Loaded with --require: which files are read at once, and which flags of V8 are set, goes to the file named in LOG_CALLS,
// a line each.
const fs = require("node:fs");
const v8 = require("node:v8");

for (const [module, name] of [
	[fs, "readFileSync"],
	[v8, "setFlagsFromString"],
]) {
	const call = module[name];
	module[name] = (what, ...options) => {
		fs.appendFileSync(process.env.LOG_CALLS, `${name} ${what}\n`);
		return call(what, ...options);
	};
}
