/** Replaces a secret. */
export const REDACTED = "[redacted]";

/** A shorter value is not treated as a secret, because replacing it everywhere would damage texts. */
export const MIN_SECRET_CHARS = 6;

/** Placeholders for a key, for servers that need none: `ollama`, `lm-studio`, `not-needed`. */
const PLACEHOLDER = /^(?!(?:sk|pk|key)-)[a-z]{1,16}(?:[-_. ][a-z]{1,16}){0,2}$/i;

/** `api-version=2024-10-21` is not a secret. */
const MIN_QUERY_SECRET_CHARS = 16;

/** Characters of a secret that are recognised when a text was cut inside it. */
const MIN_CUT_CHARS = 8;

/** The forms of every secret that this process holds. Process-wide: a way out must not depend on being handed a list. */
const held = new Set<string>();

/** Remembers a key, a token in a header or a password in an address, so that `withoutSecrets` removes it. */
export function holdSecret(secret: string | undefined): void {
	if (secret === undefined || secret.length < MIN_SECRET_CHARS || PLACEHOLDER.test(secret)) return;
	for (const form of formsOf(secret)) held.add(form);
}

/** What an address holds that nobody else may see: its password, also as basic authentication, and long values of its query. */
export function addressSecrets(address: string | undefined): string[] {
	if (address === undefined || !URL.canParse(address)) return [];
	const { username, password, searchParams } = new URL(address);
	const values = [...searchParams].flatMap(([name, value]) => (name === "api-version" ? [] : value));
	const found = values.filter((value) => value.length >= MIN_QUERY_SECRET_CHARS);
	if (password === "") return found;
	const [name, plain] = [decodeURIComponent(username), decodeURIComponent(password)];
	return [...found, plain, Buffer.from(`${name}:${plain}`).toString("base64")];
}

/**
 * The text without the secrets of this process. Everything that leaves passes here: errors for Claude Code, the
 * terminal, and texts of a provider before they are cut or recorded. A secret that a cut has shortened is removed too.
 */
export function withoutSecrets(text: string): string {
	let kept = text;
	for (const form of held) {
		if (!kept.includes(form.slice(0, MIN_CUT_CHARS))) continue;
		kept = withoutCut(kept.replaceAll(form, REDACTED), form);
	}
	return kept;
}

/** Removes the beginning of a secret at the end of the text, or before an ellipsis. */
function withoutCut(text: string, form: string): string {
	const head = form.slice(0, MIN_CUT_CHARS);
	let kept = text;
	for (let at = kept.indexOf(head); at !== -1; at = kept.indexOf(head, at + 1)) {
		let end = at + head.length;
		while (end < kept.length && kept[end] === form[end - at]) end++;
		if (end === kept.length || kept.startsWith("…", end) || kept.startsWith("...", end)) {
			kept = kept.slice(0, at) + REDACTED + kept.slice(end);
		}
	}
	return kept;
}

/** A secret as texts write it: plain, in JSON, in a URL, and in base64 at each of the three positions it can have. */
export function formsOf(secret: string): string[] {
	const encoded = [0, 1, 2].map((shift) => insideBase64(secret, shift)).filter((form) => form.length >= MIN_CUT_CHARS);
	const inUrls = encoded.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
	// A record is JSON that holds a body, which is JSON.
	const escaped = inJson(secret);
	const forms = [inJson(escaped), escaped, secret, encodeURIComponent(secret), ...encoded, ...inUrls];
	return [...new Set(forms)];
}

function inJson(text: string): string {
	return JSON.stringify(text).slice(1, -1);
}

/** The characters of base64 that depend on the secret alone when `shift` bytes come before it. */
function insideBase64(secret: string, shift: number): string {
	const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
	const whole = Math.floor((bytes.length * 8) / 6);
	return bytes.toString("base64").slice(Math.ceil((shift * 8) / 6), whole);
}
