import { type FailurePolicy, HOPELESS, PASSING, SHOWN_AT_ONCE } from "./policy.ts";

/** The rows of the table of failures that are about the connection, not about a reply. */
export const CONNECTION_FAILURES = {
	/** There is no server at this address, or it has not started: nothing has answered there in this run. */
	unreachable: {
		...PASSING,
		claudeCodeStatus: SHOWN_AT_ONCE,
		clientRetries: false,
		remedy: ({ profile }) => `nothing answers at ${profile}: check the base URL, the network, and that the server runs`,
		// As many as fit into the time that a server gets to start.
		retries: 20,
		health: "unknown",
		mayNameWait: false,
		verdict: "network",
		expected: "a server at the address of the profile",
		source: "baseUrl of the profile",
	},
	/** The chain of the server's certificate ends at an authority that this computer does not know. */
	"untrusted-certificate": {
		...HOPELESS,
		status: 500,
		errorType: "api_error",
		remedy: ({ profile }) =>
			`the certificate of ${profile} is not trusted: set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority, such as your company. For a self-signed server, use its own certificate`,
		fallback: true,
		outage: true,
		verdict: "network",
		expected: "a certificate from a known authority",
		source: "nodejs.org/api/cli.html#node_extra_ca_certsfile",
	},
	/** The server's certificate has expired, or is one for another host. */
	"invalid-certificate": {
		...HOPELESS,
		status: 500,
		errorType: "api_error",
		remedy: ({ profile }) =>
			`the certificate of ${profile} is not valid: check the base URL, and this computer's clock`,
		fallback: true,
		outage: true,
		// An expired certificate and a wrong clock look the same.
		verdict: "unknown",
		expected: "a certificate that is valid now, for this host",
		source: "nodejs.org/api/tls.html#x509-certificate-error-codes",
	},
	/** The network's own HTTP or SOCKS proxy refused the request. */
	"proxy-refused": {
		...HOPELESS,
		status: 500,
		errorType: "api_error",
		remedy: () =>
			"check HTTPS_PROXY, HTTP_PROXY or ALL_PROXY (the user and password, if the proxy needs them) and NO_PROXY",
		fallback: true,
		outage: true,
		verdict: "network",
		expected: "a connection through the proxy",
		source: "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY",
	},
	/** A page for people, where an API answered before or refuses with JSON: of a proxy, a firewall or a login in between. */
	intercepted: {
		...HOPELESS,
		status: 500,
		errorType: "api_error",
		remedy: ({ profile }) =>
			`a proxy, a firewall or a login page is between this computer and ${profile}: check the network, HTTPS_PROXY and NO_PROXY`,
		fallback: true,
		outage: true,
		verdict: "network",
		expected: "an answer of the API",
		source: "RFC 9110",
	},
	network: {
		...PASSING,
		remedy: ({ profile }) => `no connection to ${profile}: check its address and the network`,
		mayNameWait: false,
		verdict: "network",
		expected: "a connection",
		source: "RFC 9110",
	},
	/** The reply ended before it was complete. */
	truncated: {
		...PASSING,
		remedy: ({ profile }) => `the connection to ${profile} broke`,
		mayNameWait: false,
		outage: false,
		expected: "a reply up to its end",
		source: "platform.claude.com/docs/en/build-with-claude/streaming: message_stop",
	},
	/** The connection is open, and nothing comes. */
	stalled: {
		...PASSING,
		remedy: ({ profile }) => `${profile} stopped answering: \`patience\` in the profile sets how long to wait`,
		mayNameWait: false,
		outage: false,
		expected: "a reply that makes progress",
		source: "patience in the profile",
	},
} as const satisfies Readonly<Record<string, FailurePolicy>>;
