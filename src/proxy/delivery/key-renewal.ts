import { UserError } from "../../platform/user-error.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { Adaptation } from "../learning/adapt.ts";

/** A key that is refused at a younger age has not expired: something is wrong with the account. */
const KEY_MIN_AGE_MS = 60_000;

/** Runs a key command again. The function identifies the key: profiles of the same name have different ones. */
type ReadKey = NonNullable<Target["renewKey"]>;

/**
 * Keys that a command prints may expire during a session: cloud tokens live about an hour. When the provider refuses
 * such a key, the command runs again, once for all requests that wait for it.
 */
export class KeyRenewal {
	readonly #keys = new Map<ReadKey, { key: string | undefined; readAt: number }>();
	readonly #running = new Map<ReadKey, Promise<string | undefined>>();
	readonly #onSecret: (secret: string) => void;

	/** `onSecret` is called with each new key before it is used. */
	constructor(onSecret: (secret: string) => void) {
		this.#onSecret = onSecret;
	}

	/** The target with its latest key. */
	apply(target: Target): Target {
		const renewed = target.renewKey && this.#keys.get(target.renewKey);
		return renewed ? { ...target, key: renewed.key } : target;
	}

	/** The target with a new key, after its key was refused; undefined when there is no new key. */
	async renew(target: Target, failure: Failure, note: Note): Promise<Adaptation | undefined> {
		if (failure.class !== "auth" || !target.renewKey) return undefined;
		try {
			const key = await this.#newKey(target.key, target.renewKey);
			if (key === undefined || key === target.key) return undefined;
			return { target: { ...target, key }, kind: "key-renewed", done: "read a new key, and sent again" };
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			note({ kind: "key-renewed", where: "upstream", seen: error.message, done: "no new key" });
			return undefined;
		}
	}

	#newKey(refused: string | undefined, read: ReadKey): string | undefined | Promise<string | undefined> {
		const known = this.#keys.get(read);
		// Another request has renewed the key already, or reading it again would not help.
		if (known && (known.key !== refused || performance.now() - known.readAt < KEY_MIN_AGE_MS)) return known.key;
		const running = this.#running.get(read) ?? this.#read(refused, read);
		this.#running.set(read, running);
		return running;
	}

	async #read(refused: string | undefined, read: ReadKey): Promise<string | undefined> {
		let key = refused;
		try {
			key = (await read()) ?? refused;
			if (key !== undefined && key !== refused) this.#onSecret(key);
			return key;
		} finally {
			// Also after a failure: a key store that prompts the user must not do so at every request.
			this.#keys.set(read, { key, readAt: performance.now() });
			this.#running.delete(read);
		}
	}
}
