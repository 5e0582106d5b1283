import { BlockList, isIP } from "node:net";
import { UpstreamFailure } from "../failures/failure.ts";

/** Ports of URLs without one. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Schemes of proxies that cc-any can use. As in curl, socks5 resolves names here, and socks5h lets the proxy do it. */
const PROXY_SCHEMES = ["http:", "https:", "socks:", "socks4:", "socks4a:", "socks5:", "socks5h:"];

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/**
 * The proxy for a URL from the variables that curl and most clients read, in lower or upper case: that of the scheme, then
 * `all_proxy`, with the exceptions in `no_proxy`. Undefined: no proxy. Throws an `UpstreamFailure` for a value
 * that is no proxy.
 */
export function proxyFor(url: URL, variables: NodeJS.ProcessEnv): URL | undefined {
	// An empty variable counts as unset.
	const read = (name: string) => variables[name] || variables[name.toUpperCase()];
	const names = url.protocol === "https:" ? ["https_proxy", "all_proxy", "http_proxy"] : ["http_proxy", "all_proxy"];
	const name = names.find(read);
	const proxy = name && read(name);
	if (!proxy || isLoopback(url) || isExcepted(url, read("no_proxy") ?? "")) return undefined;
	return proxyUrl(proxy, name.toUpperCase());
}

function proxyUrl(address: string, variable: string): URL {
	// As in curl, a proxy without a scheme is an HTTP proxy.
	const whole = /^\w+:\/\//.test(address) ? address : `http://${address}`;
	const url = URL.canParse(whole) ? new URL(whole) : undefined;
	if (url && url.hostname !== "" && PROXY_SCHEMES.includes(url.protocol)) return url;
	// The value is not repeated, because it may contain a password.
	const text = `${variable} is not the address of a proxy, such as http://HOST:PORT or socks5h://HOST:PORT`;
	throw new UpstreamFailure(text, { status: 0, headers: {}, body: text, class: "proxy-refused" });
}

/** Names and addresses of this machine, which no proxy can reach. */
function isLoopback(url: URL): boolean {
	const host = hostOf(url);
	return host === "localhost" || contains(LOOPBACK, host);
}

/** Without the brackets of an IPv6 address and the dot at the end of a full domain name. */
function hostOf({ hostname }: URL): string {
	return hostname.replace(/^\[|\]$|\.$/g, "");
}

/**
 * Entries, separated by commas or spaces: `host`, `.domain`, `*.domain`, an IP address, a CIDR block such as
 * `10.0.0.0/8`, each but the block also with `:port`. A domain includes its subdomains; `*` matches every URL.
 */
function isExcepted(url: URL, noProxy: string): boolean {
	return noProxy
		.toLowerCase()
		.split(/[\s,]+/)
		.some((entry) => entry !== "" && matches(entry, url));
}

function matches(entry: string, url: URL): boolean {
	if (entry === "*") return true;
	const host = hostOf(url);
	const [, address = "", bits] = /^\[?([\da-f.:]+)\]?\/(\d{1,3})$/.exec(entry) ?? [];
	if (bits !== undefined) return isInBlock(host, address, Number(bits));
	// A bare IPv6 address has colons, but no port.
	const [, name = "", port] = isIP(entry) === 6 ? [entry, entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
	if (port !== undefined && port !== (url.port || DEFAULT_PORTS[url.protocol])) return false;
	const domain = name.replace(/^\*?\./, "").replace(/^\[|\]$|\.$/g, "");
	if (isIP(domain) && isIP(host)) return isInBlock(host, domain, isIP(domain) === 4 ? 32 : 128);
	return domain !== "" && (host === domain || (!isIP(host) && host.endsWith(`.${domain}`)));
}

function isInBlock(host: string, address: string, bits: number): boolean {
	const version = isIP(address);
	if (version === 0 || bits > (version === 4 ? 32 : 128)) return false;
	const block = new BlockList();
	block.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
	return contains(block, host);
}

function contains(block: BlockList, host: string): boolean {
	const version = isIP(host);
	return version !== 0 && block.check(host, version === 4 ? "ipv4" : "ipv6");
}
