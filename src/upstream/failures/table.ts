/** What a failure means for what happens next. */
export type FailureClass =
	/** Too many requests or tokens per minute; passes by itself. */
	| "rate-limit"
	/** Too many requests at once; passes in seconds. */
	| "concurrency"
	/** The provider has no capacity; passes by itself. */
	| "overloaded"
	/** A plan or budget is used up until a point in time. */
	| "quota"
	/** The account has no money. */
	| "balance"
	| "auth"
	| "permission"
	| "model-not-found"
	/** The prompt does not fit the window. */
	| "context-overflow"
	/** The output limit asked for is more than the model gives. */
	| "max-tokens"
	/** A field or a value that this provider does not know. */
	| "unsupported-parameter"
	/** Earlier reasoning was not sent back, or not as the provider wants it. */
	| "reasoning-missing"
	/** Encrypted reasoning or a thought signature that was sent back is not taken (any more). */
	| "reasoning-refused"
	/** The model wants another wire, for example Responses. */
	| "wrong-dialect"
	| "content-filter"
	| "bad-request"
	/** A server error that a retry may cure. */
	| "transient"
	/** A server error that the same request meets again. */
	| "deterministic"
	/** A tool call of the model that the server could not read; the text of it may be in the body. */
	| "tool-use-failed"
	/** No reply at all. */
	| "network"
	/** The reply broke off. */
	| "truncated";

/** What a status means where no row matched. */
export const CLASS_BY_STATUS: Readonly<Record<number, FailureClass>> = {
	0: "network",
	200: "transient",
	401: "auth",
	402: "balance",
	403: "permission",
	404: "model-not-found",
	408: "transient",
	409: "transient",
	413: "context-overflow",
	425: "transient",
	429: "rate-limit",
	434: "permission",
	435: "permission",
	498: "overloaded",
	503: "overloaded",
	529: "overloaded",
};
