import type { FailureClass } from "./table.ts";

/** What the code at the start of a network error's text says. Sources: nodejs.org/api/tls.html and errors.html. */
const CLASSES: readonly (readonly [RegExp, FailureClass])[] = [
	[
		/^(?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED|INVALID_CA)\b/,
		"untrusted-certificate",
	],
	[
		/^(?:CERT_\w+|ERR_TLS_CERT_\w+|HOSTNAME_MISMATCH|INVALID_PURPOSE|CRL_\w+|ERROR_IN_CERT_\w+)\b/,
		"invalid-certificate",
	],
	// Texts of the package `socks`: RFC 1928, replies 2, 7 and 8, and the methods of authentication.
	[
		/^Socks5 (?:Authentication failed|proxy rejected connection - (?:NotAllowed|CommandNotSupported|AddressNotSupported))|^Received invalid Socks5 initial handshake/,
		"proxy-refused",
	],
];

/** A connection that was never made: no server listens, no such host, no route, or no TLS at this port. */
const NO_CONNECTION =
	/^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|ETIMEDOUT|EPROTO|ERR_SSL_\w+|ERR_TLS_\w+|HPE_INVALID_CONSTANT)\b|^Socks\d proxy rejected connection/i;

/** The server speaks no TLS where that was tried, or TLS where it was not. */
const WRONG_SCHEME =
	/^(?:EPROTO\b.*wrong version number|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|HPE_INVALID_CONSTANT)/s;

/** The class of a failure without a reply; undefined if its code says nothing more. */
export function classOfNetworkError(text: string): FailureClass | undefined {
	return CLASSES.find(([pattern]) => pattern.test(text))?.[1];
}

/** The base URL with the other scheme, if the text says that the scheme is wrong. */
export function otherScheme(text: string, baseUrl: string): string | undefined {
	if (!WRONG_SCHEME.test(text)) return undefined;
	return baseUrl.startsWith("https:") ? `http${baseUrl.slice(5)}` : `https${baseUrl.slice(4)}`;
}

export function isNoConnection(text: string): boolean {
	return NO_CONNECTION.test(text);
}
