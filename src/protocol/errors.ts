import { withoutSecrets } from "../platform/secrets.ts";
/** Error types of the Messages API. Source: platform.claude.com/docs/en/api/errors. */
export type ErrorType =
	| "invalid_request_error"
	| "authentication_error"
	| "billing_error"
	| "permission_error"
	| "not_found_error"
	| "request_too_large"
	| "rate_limit_error"
	| "timeout_error"
	| "api_error"
	| "overloaded_error";

/** The body of an error reply: `{"type":"error","error":{"type","message"},"request_id"}`. */
export interface ErrorBody {
	type: "error";
	error: { type: ErrorType; message: string };
	request_id?: string;
}

export function errorBody(type: ErrorType, message: string, requestId?: string): ErrorBody {
	const body: ErrorBody = { type: "error", error: { type, message: withoutSecrets(message) } };
	return requestId === undefined ? body : { ...body, request_id: requestId };
}
