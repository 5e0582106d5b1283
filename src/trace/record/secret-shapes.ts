/** A pattern of secrets, and substrings, in lower case, without which a text cannot match: a search for them is faster. */
export interface Shape {
	/** Its first group, if it has one, is kept. */
	pattern: RegExp;
	marks: readonly string[];
}

/** Before a token: no part of a word. An escape of JSON in a text (`\n`, `\u000a`) ends a word, its letter does not begin one. */
const START = String.raw`(?:(?<![\w-])|(?<=\\[nrtbf])|(?<=\\u[0-9a-f]{4}))`;
/** A digit and a letter: words of a language and names in a program seldom have both. */
const MIXED = String.raw`(?=[\w.~+/=-]{0,200}\d)(?=[\w.~+/=-]{0,200}[a-zA-Z])`;

/** Beginnings of keys and tokens by their vendors' documentation, the characters that follow, and the fewest of them. */
const TOKENS: readonly (readonly [prefix: string, rest: string])[] = [
	// Models: OpenAI, Anthropic, OpenRouter, DeepSeek; Hugging Face, Groq, xAI, Perplexity, Replicate, NVIDIA, Cerebras, Together, Fireworks
	["sk-", String.raw`(?=[\w-]*\d)[\w-]{16,}`],
	["hf_", "[A-Za-z0-9]{30,}"],
	["gsk_", "[A-Za-z0-9]{40,}"],
	["xai-", "[A-Za-z0-9]{40,}"],
	["pplx-", "[A-Za-z0-9]{40,}"],
	["r8_", "[A-Za-z0-9]{30,}"],
	["nvapi-", String.raw`[\w-]{40,}`],
	["csk-", "[a-z0-9]{30,}"],
	["tgp_v1_", String.raw`[\w-]{30,}`],
	["fw_", "(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{20,}"],
	// Google, AWS, Azure
	["AIza", String.raw`[\w-]{30,}`],
	["ya29.", String.raw`[\w-]{20,}`],
	["AKIA", "[0-9A-Z]{16}"],
	["ASIA", "[0-9A-Z]{16}"],
	// Code: GitHub, GitLab, npm, PyPI, Docker
	...["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map((prefix) => [prefix, String.raw`\w{20,}`] as const),
	["github_pat_", String.raw`\w{20,}`],
	["glpat-", String.raw`[\w-]{20,}`],
	["npm_", "[A-Za-z0-9]{36}"],
	["pypi-", String.raw`AgE[\w-]{50,}`],
	["dckr_pat_", String.raw`[\w-]{20,}`],
	// Slack, SendGrid, Stripe, Shopify, Linear
	["xox", String.raw`[abeoprs]-[\w-]{10,}`],
	["SG.", String.raw`[\w-]{16,}\.[\w-]{16,}`],
	["rk_", "(?:live|test)_[A-Za-z0-9]{16,}"],
	["sk_", "(?:live|test)_[A-Za-z0-9]{16,}"],
	["whsec_", "[A-Za-z0-9+/=]{20,}"],
	["shp", "(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"],
	["lin_api_", "[A-Za-z0-9]{30,}"],
	// JSON Web Tokens
	["eyJ", String.raw`[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+`],
];

/** Secrets that are recognised by their shape. */
export const SECRET_SHAPES: readonly Shape[] = [
	{
		pattern: new RegExp(
			`${START}(?:${TOKENS.map(([prefix, rest]) => prefix.replace(".", "\\.") + rest).join("|")})`,
			"g",
		),
		marks: TOKENS.map(([prefix]) => prefix.toLowerCase()),
	},
	{
		pattern:
			/-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,12000}?-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g,
		marks: ["private key"],
	},
	{
		pattern: new RegExp(String.raw`${START}((?:bearer|basic)\s+)${MIXED}[\w.~+/=-]{8,}`, "gi"),
		marks: ["bearer", "basic"],
	},
	{
		pattern: new RegExp(String.raw`\b((?:proxy-)?authorization\\*["']?\s*[:=]\s*\\*["']?)${MIXED}[^\s"'\\,]{8,}`, "gi"),
		marks: ["authorization"],
	},
	{
		// As headers, JSON and settings write them: `x-api-key: …`, `"access_token": "…"`.
		pattern: new RegExp(
			String.raw`((?:api|access|auth|secret|client|refresh)[-_]?(?:key|token|secret)\\*["']?\s*[:=]\s*\\*["']?)${MIXED}[\w+/=~.-]{8,}(?![\w(\[.])`,
			"gi",
		),
		marks: ["key", "token", "secret"],
	},
	{
		// A line of a .env file, or of a shell.
		pattern: new RegExp(
			String.raw`${START}([A-Z][A-Z0-9_]{0,60}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_[A-Z0-9_]{1,40})?=\\*["']?)(?![a-z_$]+[.(\[])[^\s"'\\$(){}<>,;&|]{8,}`,
			"g",
		),
		marks: ["key=", "token=", "secret=", "password=", "passwd=", "credential", "key_", "token_", "secret_"],
	},
	{
		// The password in an address, not a placeholder for one.
		pattern:
			/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@"'\\]{0,100}:)(?![$<{%*[]|pass(?:word)?@|secret@)[^\s@/"'\\]{3,200}(?=@[\w[])/gi,
		marks: ["://"],
	},
];
