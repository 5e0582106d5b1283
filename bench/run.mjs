// npm run bench -- …: `resilience` and `soak` measure clients that retry beside a direct connection, `smoothness` how lumps
// of text are spread, everything else the proxy's cost.
const FILES = {
	resilience: "./resilience/run.mjs",
	soak: "./resilience/soak.mjs",
	smoothness: "./smoothness/run.mjs",
};
const file = FILES[process.argv[2]];
if (file) process.argv.splice(2, 1);
await import(file ?? "./proxy/run.mjs");
