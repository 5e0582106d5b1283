import { expect, test } from "vitest";
import { proxyFor } from "../../src/upstream/http/proxy-variables.ts";

const ask = (url: string, variables: NodeJS.ProcessEnv) => proxyFor(new URL(url), variables);
const PROXY = "http://proxy.example:3128";

test.each([
	["https by its own variable", "https://api.example.com/v1", { HTTPS_PROXY: PROXY }, PROXY],
	["https by the variable for http, where there is no other", "https://api.example.com", { http_proxy: PROXY }, PROXY],
	["http never by the variable for https", "http://api.example.com", { HTTPS_PROXY: PROXY }, undefined],
	["lower case wins", "http://a.example", { http_proxy: PROXY, HTTP_PROXY: "http://other" }, PROXY],
	["a proxy without a scheme", "http://a.example", { http_proxy: "proxy.example:3128" }, PROXY],
	["loopback by name", "http://localhost:11434", { http_proxy: PROXY }, undefined],
	["loopback by address", "http://127.0.0.1:8080", { http_proxy: PROXY }, undefined],
	["loopback in IPv6", "http://[::1]:8080", { http_proxy: PROXY }, undefined],
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
