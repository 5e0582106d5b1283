/** Ports that a URL need not name. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Names of this machine: never asked through a proxy. */
const LOOPBACK_HOSTS = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * The proxy for a URL, by the variables that curl and most clients read: `https_proxy` and `http_proxy` (upper case too),
 * with the exceptions of `no_proxy`. Undefined: no proxy.
 */
export function proxyFor(url: URL, variables: NodeJS.ProcessEnv): string | undefined {
	const read = (name: string) => variables[name] ?? variables[name.toUpperCase()] ?? "";
	const proxy = url.protocol === "https:" ? read("https_proxy") || read("http_proxy") : read("http_proxy");
	if (!proxy || LOOPBACK_HOSTS.has(url.hostname)) return undefined;
	if (isExcepted(url, read("no_proxy"))) return undefined;
	// curl takes a proxy without a scheme for an HTTP one.
	return /^\w+:\/\//.test(proxy) ? proxy : `http://${proxy}`;
}

/** Entries are `host`, `host:port`, `.domain` or `*.domain`, parted by commas or spaces; a lone `*` means everything. */
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
