// npm run bench -- …: `resilience` measures clients that retry beside a direct connection, everything else the proxy's cost.
const [first] = process.argv.slice(2);
if (first === "resilience") process.argv.splice(2, 1);
await import(first === "resilience" ? "./resilience/run.mjs" : "./proxy/run.mjs");
