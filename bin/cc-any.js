#!/usr/bin/env node
// Plain old JavaScript: this file must still be read by a Node that is too old for the rest.

var needed = [20, 19];
var found = process.versions.node.split(".").map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
	console.error("error: cc-any needs Node", needed.join("."), "or newer; this is Node", process.versions.node);
	console.error("\nhint: install a current Node with your version manager (nvm install 22, fnm install 22)");
	console.error("      or from https://nodejs.org, then run cc-any again");
	process.exit(1);
}

var nodeModule = require("node:module");
// Node 22 and newer can keep compiled code between runs.
if (nodeModule.enableCompileCache) nodeModule.enableCompileCache();
import("../dist/cli.js")
	.then((program) => program.main(process.argv.slice(2)))
	.catch((error) => {
		console.error(error);
		process.exitCode = 1;
	});
