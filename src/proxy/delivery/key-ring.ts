import { clockTime } from "../../platform/figures.ts";
import type { ProfileKey, Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { FailureClass } from "../../upstream/failures/table.ts";
import type { Adaptation } from "../learning/adapt.ts";

/** Failures that are about the key or its account, and how long it rests if the provider named no time. */
const REST_SECONDS: Partial<Record<FailureClass, number>> = {
	"rate-limit": 60,
	concurrency: 15,
	quota: 3600,
	balance: 3600,
	auth: 3600,
};

interface Rest {
	because: FailureClass;
	/** Of `performance.now()`. */
	until: number;
}

/** The state of one list of keys. */
interface RingState {
	active: ProfileKey;
	resting: Map<ProfileKey, Rest>;
}

/**
 * The keys of a provider that has several, in the order of the profile. One is used until it fails; it rests until the
 * time that the provider named, and is then used again. No round-robin: a prompt cache belongs to one account.
 */
export class KeyRing {
	readonly #states = new Map<readonly ProfileKey[], RingState>();

	/** The target with the first key that does not rest. */
	apply(target: Target, note: Note): Target {
		const { keys } = target;
		if (!keys?.[0]) return target;
		const state = this.#states.get(keys);
		if (!state) return target;
		const key = firstReady(keys, state);
		if (key !== state.active) {
			const seen = `the pause of ${key.name} is over`;
			note({ kind: "key-returned", where: "upstream", seen, done: `sent with ${key.name} again` });
			state.active = key;
		}
		return withKey(target, key);
	}

	/** The target with another key, after the failure of its key; undefined if there is no other, or it would not help. */
	next(target: Target, failure: Failure): Adaptation | undefined {
		const seconds = failure.retryAfter ?? REST_SECONDS[failure.class];
		if (seconds === undefined || REST_SECONDS[failure.class] === undefined) return undefined;
		const key = this.rest(target, failure.class, seconds);
		return key && { target: withKey(target, key), kind: "key-switched", done: `sent with ${key.name}` };
	}

	/** Lets the target's key rest. Returns the key that is used now; undefined if all of them rest. */
	rest(target: Target, because: FailureClass, seconds: number): ProfileKey | undefined {
		const { keys, keyName } = target;
		const used = keys?.find(({ name }) => name === keyName);
		if (!keys || !used) return undefined;
		const state = this.#states.get(keys) ?? { active: used, resting: new Map<ProfileKey, Rest>() };
		this.#states.set(keys, state);
		state.resting.set(used, { because, until: performance.now() + seconds * 1000 });
		const key = firstReady(keys, state);
		if (isResting(key, state)) return undefined;
		state.active = key;
		return key;
	}

	/** `WORK_KEY_2; WORK_KEY_1: quota until 14:05:00`; undefined for a profile with one key. */
	describe({ keys, keyName }: Target): string | undefined {
		if (!keys || keyName === undefined) return undefined;
		const state = this.#states.get(keys);
		const resting = keys.flatMap((key) => {
			const rest = state && isResting(key, state) ? state.resting.get(key) : undefined;
			return rest ? [`${key.name}: ${rest.because} until ${clockTime((rest.until - performance.now()) / 1000)}`] : [];
		});
		return [keyName, ...resting].join("; ");
	}
}

function isResting(key: ProfileKey, { resting }: RingState): boolean {
	return (resting.get(key)?.until ?? 0) > performance.now();
}

/** The first key that does not rest; where all of them do, the one whose rest ends first. */
function firstReady(keys: readonly ProfileKey[], state: RingState): ProfileKey {
	const untilOf = (key: ProfileKey) => state.resting.get(key)?.until ?? 0;
	const soonest = keys.reduce((best, key) => (untilOf(key) < untilOf(best) ? key : best), state.active);
	return keys.find((key) => !isResting(key, state)) ?? soonest;
}

function withKey(target: Target, { name, value, renewKey }: ProfileKey): Target {
	return { ...target, key: value, keyName: name, renewKey };
}
