/**
 * Requests to providers for one exchange, whatever they are for: retries, adaptations, new keys, fallbacks, asking the
 * model again. An endpoint whose every answer suggests another change would be sent thousands otherwise.
 */
const MAX_REQUESTS = 6;

/** After this many, a target that refused is not sent another one: the last is for a fallback, or to ask again. */
const MAX_REFUSED_REQUESTS = 5;

/** `attempts`: requests that were sent. */
export function maySendAgain({ attempts }: { attempts: number }): boolean {
	return attempts < MAX_REFUSED_REQUESTS;
}

export function maySendElsewhere({ attempts }: { attempts: number }): boolean {
	return attempts < MAX_REQUESTS;
}
