// The baseline: a bare proxy that forwards bytes without reading them. node bench/proxy/pipe.mjs UPSTREAM
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
// Other targets take their turns in between; Node's default of five seconds would close the connection.
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () =>
	console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, token: "pipe" })),
);
