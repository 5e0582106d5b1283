import { expect, test } from "vitest";
import { proxyFor } from "../../src/upstream/http/proxy-variables.ts";

const ask = (url: string, variables: NodeJS.ProcessEnv) => proxyFor(new URL(url), variables)?.href;
const PROXY = "http://proxy.example:3128/";

test.each([
	["https by its own variable", "https://api.example.com/v1", { HTTPS_PROXY: PROXY }, PROXY],
	["https by the variable for http, where there is no other", "https://api.example.com", { http_proxy: PROXY }, PROXY],
	["http never by the variable for https", "http://api.example.com", { HTTPS_PROXY: PROXY }, undefined],
	["lower case wins", "http://a.example", { http_proxy: PROXY, HTTP_PROXY: "http://other" }, PROXY],
	["a proxy without a scheme", "http://a.example", { http_proxy: "proxy.example:3128" }, PROXY],
	["loopback by name", "http://localhost:11434", { http_proxy: PROXY }, undefined],
	["loopback by address", "http://127.0.0.1:8080", { http_proxy: PROXY }, undefined],
	["loopback in IPv6", "http://[::1]:8080", { http_proxy: PROXY }, undefined],
	["loopback of another number", "http://127.0.1.1:8080", { http_proxy: PROXY }, undefined],
	["loopback in IPv6 of IPv4", "http://[::ffff:127.0.0.1]:8080", { http_proxy: PROXY }, undefined],
	["an empty variable is unset", "http://a.example", { http_proxy: "", HTTP_PROXY: PROXY }, PROXY],
	["all_proxy for both", "http://a.example", { ALL_PROXY: "socks5h://p.example:1080" }, "socks5h://p.example:1080"],
	["the variable of the scheme before all_proxy", "https://a.example", { ALL_PROXY: "x", HTTPS_PROXY: PROXY }, PROXY],
	["all_proxy before that of http", "https://a.example", { all_proxy: PROXY, http_proxy: "http://other" }, PROXY],
	["no variables", "https://api.example.com", {}, undefined],
] as const)("%s", (_name, url, variables, expected) => {
	expect(ask(url, variables)).toBe(expected);
});

test.each([
	["*", true],
	["api.example.com", true],
	["API.example.com", true],
	["example.com", true],
	[".example.com", true],
	["*.example.com", true],
	["ample.com", false],
	["other.example, api.example.com", true],
	["other.example api.example.com", true],
	["api.example.com:443", true],
	["api.example.com:8443", false],
	["", false],
])("no_proxy %s", (noProxy, isExcepted) => {
	const expected = isExcepted ? undefined : PROXY;
	expect(ask("https://api.example.com/v1", { https_proxy: PROXY, no_proxy: noProxy })).toBe(expected);
});

// curl's manual, NO_PROXY, and its lib/noproxy.c; ports as in wget and Go.
test.each([
	["http://10.1.2.3/", "10.0.0.0/8", true],
	["http://11.1.2.3/", "10.0.0.0/8", false],
	["http://192.168.0.17:8000/", "a.example,192.168.0.16/28", true],
	["http://192.168.0.32:8000/", "192.168.0.16/28", false],
	["http://10.1.2.3:8000/", "10.1.2.3", true],
	["http://10.1.2.3:8000/", "10.1.2.3:8000", true],
	["http://10.1.2.3:8000/", "10.1.2.3:8001", false],
	["http://10.1.2.3/", "2.3", false],
	["http://10.1.2.3/", "10.1.2.3/99", false],
	["http://10.1.2.3/", "10.1.2.3/0", true],
	["http://[fd00::17]:8000/", "fd00::/8", true],
	["http://[fd00::17]:8000/", "[fd00::]/8", true],
	["http://[fe80::17]:8000/", "fd00::/8", false],
	["http://[fd00::17]:8000/", "fd00:0::17", true],
	["http://[fd00::17]:8000/", "[fd00::17]", true],
	["http://[fd00::17]:8000/", "[fd00::17]:8000", true],
	["http://[fd00::17]:8000/", "[fd00::17]:80", false],
	["http://gpu.corp.example./", "corp.example", true],
	["http://gpu.corp.example/", "corp.example.", true],
	["http://gpu.corp.example/", ".", false],
	["http://gpu.corp.example/", "/8", false],
])("%s with no_proxy %s", (url, noProxy, isExcepted) => {
	expect(ask(url, { http_proxy: PROXY, no_proxy: noProxy })).toBe(isExcepted ? undefined : PROXY);
});
