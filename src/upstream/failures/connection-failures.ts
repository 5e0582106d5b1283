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
		expected: "a server at the address of the profile",
		source: "baseUrl of the profile",
	},
	/** The chain of the server's certificate ends at an authority that this computer does not know. */
	"untrusted-certificate": {
		...HOPELESS,
		status: 500,
		errorType: "api_error",
		remedy: ({ profile }) =>
			`the certificate of ${profile} is not trusted: set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority (your company's, for example), or with the server's own if it is self-signed`,
		fallback: true,
		outage: true,
		verdict: "client",
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
		expected: "a valid certificate for the host",
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
		verdict: "client",
		expected: "a connection through the proxy",
		source: "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY",
	},
	network: {
		...PASSING,
		remedy: ({ profile }) => `no connection to ${profile}: check its address and the network`,
		mayNameWait: false,
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
} as const satisfies Readonly<Record<string, FailurePolicy>>;
