// Loaded with --require: the paths of all files that are read at once go to the file named in LOG_READS, a line each.
const fs = require("node:fs");

const { appendFileSync, readFileSync } = fs;
fs.readFileSync = (path, ...options) => {
	appendFileSync(process.env.LOG_READS, `${path}\n`);
	return readFileSync(path, ...options);
};
