// The yardstick: a bare proxy that forwards bytes and reads nothing. node bench/proxy/pipe.mjs UPSTREAM
import { Agent, request as ask, createServer } from "node:http";

const upstream = new URL(process.argv[2]);
const agent = new Agent({ keepAlive: true });
const server = createServer((request, response) => {
	const { method, url, headers } = request;
	const options = { agent, host: upstream.hostname, port: upstream.port, method, path: url, headers };
	const outgoing = ask(options, (reply) => {
		response.writeHead(reply.statusCode, reply.headers);
		reply.pipe(response);
	});
	outgoing.on("error", () => response.destroy());
	request.pipe(outgoing);
});
// The others take their turns in between: a connection that is closed after five seconds is closed under a request.
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () =>
	console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, token: "pipe" })),
);
