import type { ProviderError } from "./error-body.ts";
import type { FailureSource } from "./failure.ts";
import type { FailureClass } from "./table.ts";

/**
 * What web servers and API gateways say of a path that they do not have, and no API says of a model: Express, LM Studio
 * (with status 200), OpenAI and one-api, Groq, Kong (Mistral).
 */
const NO_ROUTE =
	/cannot (?:get|post) \/|unexpected endpoint or method|invalid url\b|unknown (?:request )?url|no route matched/i;

/** Short texts of a 404 that name nothing: nginx, FastAPI, Go, llama.cpp, Azure, Spring, an empty body. */
const BARE_NOT_FOUND =
	/^(?:an html page\b.*|http 404 without a body|(?:404[ :]*)?(?:error[ :]*)?(?:(?:page|file|resource|url|path|route|endpoint) )?not[ _]?found\W*|no such (?:path|route|endpoint)\W*|404)$/is;

const NO_METHOD = /^(?:an html page\b.*|http 405 without a body|method not allowed\W*)$/is;

/** A path in the text says nothing about a model, though Gemini's paths contain one. */
const PATHS = /(?:https?:\/)?\/\S+/g;
const GONE = /not found|does not exist|no such|unknown|not available/i;
const MODEL_WORDS = /model|deployment|\bengine\b|\bfunction\b/i;

/**
 * What a reply means that says "not found": no API at this path, or no such model. Undefined if it says neither.
 */
export function classOfMissing(source: FailureSource, status: number, body: ProviderError): FailureClass | undefined {
	const { message } = body;
	if ([200, 400, 404, 405].includes(status) && NO_ROUTE.test(message)) return "wrong-address";
	if (source.isPage) return "wrong-address";
	// A 401 with a page is a key that a gateway in front of the server refuses.
	if ([403, 407, 451, 511].includes(status) && isPage(message)) return "intercepted";
	const said = message || `HTTP ${status} without a body`;
	// An error inside a reply came from an API: its address is right.
	const isBare = (status === 404 && BARE_NOT_FOUND.test(said)) || (status === 405 && NO_METHOD.test(said));
	if (isBare && source.status !== 200) return "wrong-address";
	return status === 404 && GONE.test(message) && namesModel(source, message) ? "model-not-found" : undefined;
}

/** The text that `readErrorBody` makes of a page. */
export function isPage(message: string): boolean {
	return /^an HTML page\b/.test(message);
}

/** A 404 without any of these words. Claude Code hides the text of one about a model, so it is that only if it names one. */
export function classOfOther404(source: FailureSource, { message }: ProviderError): FailureClass {
	return namesModel(source, message) ? "model-not-found" : "bad-request";
}

function namesModel({ model }: FailureSource, message: string): boolean {
	const text = message.replace(PATHS, " ");
	return MODEL_WORDS.test(text) || (model !== undefined && message.includes(model));
}
