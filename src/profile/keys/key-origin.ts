import { basename } from "node:path";

/** Where a key comes from. The key itself is never part of it. */
export type KeyOrigin =
	| { kind: "profile" }
	/** Variables that are set. */
	| { kind: "variable"; names: readonly string[] }
	| { kind: "file"; path: string }
	| { kind: "command"; program: string }
	/**
	 * Keys of `cc-any keys set`, by the variables that they replace; `keychain`: at least one has to be fetched there.
	 */
	| { kind: "stored" | "keychain"; names: readonly string[] };

/** A key and where it was read from. */
export interface Secret {
	value: string;
	origin: KeyOrigin;
	/** What came with the value and was removed, as a clause. */
	removed?: string | undefined;
}

/** A key that may not have been read: a file, a command or a keychain is not asked just for showing a profile. */
export interface PeekedKey {
	value: string | undefined;
	origin: KeyOrigin;
}

/** The origin for messages: `variable KIMI_API_KEY`, `command gcloud`. */
export function describeKeyOrigin(origin: KeyOrigin): string {
	switch (origin.kind) {
		case "profile":
			return "written in the profile";
		case "variable":
			return `variable ${origin.names.join(", ")}`;
		case "file":
			return `file ${origin.path}`;
		case "command":
			return `command ${origin.program}`;
		case "stored":
			return `stored key ${origin.names.join(", ")}`;
		case "keychain":
			return `keychain entry ${origin.names.join(", ")}`;
	}
}

/** Whether a profile has a key: at hand, in a place that was not read, not needed, or missing. */
export type KeyState = "set" | "file" | "command" | "keychain" | "not-needed" | "missing";

/** The state for messages, and in `cc-any profiles --json`. */
export function describeKeyState(state: KeyState): string {
	return KEY_STATES[state];
}

const KEY_STATES: Readonly<Record<KeyState, string>> = {
	set: "set",
	file: "from a file",
	command: "from a command",
	keychain: "in the keychain",
	"not-needed": "not needed",
	missing: "not set",
};

/** The state of a key that was read or only peeked at. */
export function keyStateOf(key: string | undefined, origin: KeyOrigin | undefined, optional: boolean): KeyState {
	if (key !== undefined) return "set";
	if (origin?.kind === "file" || origin?.kind === "command" || origin?.kind === "keychain") return origin.kind;
	return optional ? "not-needed" : "missing";
}

/** Shows that there is a secret, not which: at most its last four characters, and none of a short one. */
export function mask(secret: string): string {
	return secret.length >= 20 ? `…${secret.slice(-4)}` : "…";
}

/** A short name for one of several keys: its variable, file or program, else its last four characters. */
export function keyName(origin: KeyOrigin, key: string): string {
	switch (origin.kind) {
		case "profile":
			return mask(key);
		case "file":
			return basename(origin.path);
		case "command":
			return origin.program;
		default:
			return origin.names.join(" and ");
	}
}
