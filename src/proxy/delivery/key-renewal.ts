import { UserError } from "../../platform/user-error.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { Adaptation } from "./learned-limits.ts";

/** A token that is refused so soon after it was printed has not run out, in milliseconds: the account is at fault. */
const FRESH = 60_000;

/** Runs a key command again. Each profile, and each model with a key of its own, has one, which two of one name do not share. */
type ReadKey = NonNullable<Target["renewKey"]>;

/**
 * Keys that a command prints may run out while a session goes on: tokens of clouds live about an hour. A key that the
 * provider refuses is asked for anew, once for all requests that wait for it.
 */
export class KeyRenewal {
	readonly #keys = new Map<ReadKey, { key: string | undefined; at: number }>();
	readonly #running = new Map<ReadKey, Promise<string | undefined>>();
	readonly #onSecret: (secret: string) => void;

	/** `onSecret` hears of each new key before it is used. */
	constructor(onSecret: (secret: string) => void) {
		this.#onSecret = onSecret;
	}

	/** The target with the key that is valid now. */
	apply(target: Target): Target {
		const renewed = target.renewKey && this.#keys.get(target.renewKey);
		return renewed ? { ...target, key: renewed.key } : target;
	}

	/** How a request whose key was refused can be sent once more; undefined when it cannot. */
	async renew(target: Target, failure: Failure, note: Note): Promise<Adaptation | undefined> {
		if (failure.class !== "auth" || !target.renewKey) return undefined;
		try {
			const key = await this.#newKey(target, target.renewKey);
			if (key === undefined || key === target.key) return undefined;
			return { target: { ...target, key }, kind: "key-renewed", done: "asked for a new key, and sent again" };
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			note({ kind: "key-renewed", where: "upstream", seen: error.message, done: "no new key" });
			return undefined;
		}
	}

	async #newKey({ key }: Target, read: ReadKey): Promise<string | undefined> {
		const known = this.#keys.get(read);
		// Another request has renewed it, or nothing can be gained.
		if (known && (known.key !== key || Date.now() - known.at < FRESH)) return known.key;
		const running = this.#running.get(read) ?? this.#read(key, read);
		this.#running.set(read, running);
		return running;
	}

	async #read(old: string | undefined, read: ReadKey): Promise<string | undefined> {
		let key = old;
		try {
			key = (await read()) ?? old;
			if (key !== undefined && key !== old) this.#onSecret(key);
			return key;
		} finally {
			// Also where nothing new came: a store that asks the user must not do so at every request.
			this.#keys.set(read, { key, at: Date.now() });
			this.#running.delete(read);
		}
	}
}
