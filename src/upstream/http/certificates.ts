import { readFile } from "node:fs/promises";
import * as tls from "node:tls";

/** Where Linux distributions, the BSDs and macOS keep the system's certificates, as Go's crypto/x509 lists them. */
const SYSTEM_FILES = [
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/cert.pem",
	"/usr/local/etc/ssl/cert.pem",
];

/**
 * Trusts Node's own authorities, those of NODE_EXTRA_CA_CERTS and SSL_CERT_FILE, and those of the operating system, where
 * companies install theirs. Loaded only after a certificate was not trusted: it takes 150 ms of CPU, and most never need it.
 */
export async function trustSystem(variables: NodeJS.ProcessEnv): Promise<tls.SecureContext> {
	const named = await Promise.all(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].map((name) => read(variables[name])));
	const texts = [...tls.rootCertificates, ...named, ...(await systemCertificates())];
	return tls.createSecureContext({ ca: [...new Set(texts.flatMap(certificatesIn))] });
}

/** From Node 22.15 on, Node reads the store of every operating system; before, cc-any reads its file. */
async function systemCertificates(): Promise<string[]> {
	const get: unknown = "getCACertificates" in tls ? tls.getCACertificates : undefined;
	if (typeof get === "function") return get("system");
	for (const file of SYSTEM_FILES) {
		const text = await read(file);
		if (text !== "") return [text];
	}
	return [];
}

async function read(file: string | undefined): Promise<string> {
	if (!file) return "";
	try {
		return await readFile(file, "latin1");
	} catch {
		return ""; // absent or not readable: the certificate stays untrusted, which is reported
	}
}

function certificatesIn(text: string): string[] {
	return text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
}
