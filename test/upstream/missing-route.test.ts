import { describe, expect, test } from "vitest";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";

const classify = (status: number, body: string, more = {}) =>
	classifyFailure({ status, headers: {}, body, model: "org/some-9b", ...more }).class;
const error = (message: string) => JSON.stringify({ error: { message } });

describe("a 404 about the model", () => {
	test.each([
		// vLLM, Ollama, OpenAI, Anthropic, Gemini, Azure, Groq, NVIDIA NIM, LiteLLM, OpenRouter
		error("The model `x` does not exist."),
		error('model "x" not found, try pulling it first'),
		'{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}',
		error("models/x is not found for API version v1beta, or is not supported for generateContent."),
		'{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
		'{"status":404,"title":"Not Found","detail":"Function \'0a1b\': Not found for account \'xy\'"}',
		error("No endpoints found for org/some-9b."),
		error("org/some-9b: not here"),
	])("%s", (body) => expect(classify(404, body)).toBe("model-not-found"));
});

describe("a 404 about the path", () => {
	test.each([
		["FastAPI", '{"detail":"Not Found"}'],
		["Go", "404 page not found\n"],
		["nginx", "<html>\r\n<head><title>404 Not Found</title></head></html>"],
		["llama.cpp", '{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}'],
		["Azure", '{"error":{"code":"404","message":"Resource not found"}}'],
		["Spring", '{"timestamp":"2026-01-01","status":404,"error":"Not Found","path":"/v1/v1/chat/completions"}'],
		["Kong", '{"message":"no Route matched with those values"}'],
		["Groq", error("Unknown request URL: POST /openai/v1/chat. Please check the URL for typos")],
		["Gemini", "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title>"],
		["one-api", error("Invalid URL (POST /v1/models/some/chat/completions)")],
		["Anthropic", '{"type":"error","error":{"type":"not_found_error","message":"Not Found"}}'],
		["nothing", ""],
	])("%s", (_name, body) => expect(classify(404, body)).toBe("wrong-address"));
});

test("a 404 in other words is shown in those: Claude Code hides the text of a missing model", () => {
	expect(classify(404, error("No endpoints found matching your data policy"))).toBe("bad-request");
});

test("an error inside a reply came from an API: its address is right", () => {
	const body = JSON.stringify({ error: { message: "Not Found", code: 404 } });
	expect(classify(200, body)).toBe("bad-request");
	expect(classify(200, JSON.stringify({ error: { message: "no model here", code: 404 } }))).toBe("model-not-found");
});

test("a page in place of a reply", () => {
	expect(classify(200, "<html><title>Sign in</title></html>", { isPage: true })).toBe("wrong-address");
	expect(classify(200, "<html><title>502 Bad Gateway</title></html>", { isPage: true })).toBe("transient");
	expect(classify(200, "<html>502</html>")).toBe("transient");
});

test.each([
	["ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:9", "network"],
	["DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate", "untrusted-certificate"],
	["UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unable to get local issuer certificate", "untrusted-certificate"],
	["CERT_HAS_EXPIRED: certificate has expired", "invalid-certificate"],
	["ERR_TLS_CERT_ALTNAME_INVALID: Hostname/IP does not match certificate's altnames", "invalid-certificate"],
])("%s is %s", (body, expected) => expect(classify(0, body)).toBe(expected));
