/** Ports of URLs without one. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Names of this machine, which no proxy can reach. */
const LOOPBACK_HOSTS = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * The proxy for a URL from the variables that curl and most clients read: `https_proxy`, `http_proxy` and the exceptions
 * in `no_proxy`, in lower or upper case. Undefined: no proxy.
 */
export function proxyFor(url: URL, variables: NodeJS.ProcessEnv): string | undefined {
	const read = (name: string) => variables[name] ?? variables[name.toUpperCase()] ?? "";
	const proxy = url.protocol === "https:" ? read("https_proxy") || read("http_proxy") : read("http_proxy");
	if (!proxy || LOOPBACK_HOSTS.has(url.hostname)) return undefined;
	if (isExcepted(url, read("no_proxy"))) return undefined;
	// As in curl, a proxy without a scheme is an HTTP proxy.
	return /^\w+:\/\//.test(proxy) ? proxy : `http://${proxy}`;
}

/** Entries are `host`, `host:port`, `.domain` or `*.domain`, separated by commas or spaces; `*` alone matches every URL. */
function isExcepted(url: URL, noProxy: string): boolean {
	const port = url.port || DEFAULT_PORTS[url.protocol];
	return noProxy.split(/[\s,]+/).some((entry) => {
		if (entry === "") return false;
		if (entry === "*") return true;
		const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
		if (entryPort !== undefined && entryPort !== port) return false;
		const domain = name.replace(/^\*?\./, "");
		return url.hostname === domain || url.hostname.endsWith(`.${domain}`);
	});
}
