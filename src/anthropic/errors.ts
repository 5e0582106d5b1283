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

const TYPE_BY_STATUS: Readonly<Record<number, ErrorType>> = {
	400: "invalid_request_error",
	401: "authentication_error",
	402: "billing_error",
	403: "permission_error",
	404: "not_found_error",
	413: "request_too_large",
	422: "invalid_request_error",
	429: "rate_limit_error",
	504: "timeout_error",
	529: "overloaded_error",
};

/** The error type that belongs to a status; any other 4xx is an invalid request, any other status an api_error. */
export function errorTypeOf(status: number): ErrorType {
	const known = TYPE_BY_STATUS[status];
	if (known) return known;
	return status >= 400 && status < 500 ? "invalid_request_error" : "api_error";
}

/** The body of an error reply: `{"type":"error","error":{"type","message"},"request_id"}`. */
export interface ErrorBody {
	type: "error";
	error: { type: ErrorType; message: string };
	request_id?: string;
}

export function errorBody(type: ErrorType, message: string, requestId?: string): ErrorBody {
	const body: ErrorBody = { type: "error", error: { type, message } };
	return requestId === undefined ? body : { ...body, request_id: requestId };
}
