// Loaded with --require: at the end of the process the paths of all files that were loaded, and the names of Node's own
// modules, go to the file named in LOG_MODULES, a line each.
const { writeFileSync } = require("node:fs");

process.once("exit", () => {
	const own = process.moduleLoadList.filter((name) => name.startsWith("NativeModule "));
	writeFileSync(process.env.LOG_MODULES, [...Object.keys(require.cache), ...own].join("\n"));
});
