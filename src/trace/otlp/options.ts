import type { Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import type { OtlpOptions } from "./exporter.ts";

/** The collector, from cc-any's own variables; undefined without one. `OTEL_*` variables are for other programs. */
export function otlpOptions({ env }: Environment): OtlpOptions | undefined {
	const endpoint = env["CC_ANY_OTLP_ENDPOINT"];
	if (!endpoint) return undefined;
	if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
		const hint = "give the base URL of a collector, for example http://localhost:4318";
		const shown = endpoint.replace(/\/\/[^/@]*@/, "//…@");
		throw new UserError(`CC_ANY_OTLP_ENDPOINT is not an HTTP URL: ${shown}`, { hint, exitCode: EXIT.config });
	}
	if (new URL(endpoint).username || new URL(endpoint).password) {
		// fetch rejects such a URL, and error messages would show it.
		const hint = "give it as a header: CC_ANY_OTLP_HEADERS=authorization=Basic%20…";
		throw new UserError("CC_ANY_OTLP_ENDPOINT contains a user name or a password", { hint, exitCode: EXIT.config });
	}
	return {
		endpoint,
		headers: headersOf(env["CC_ANY_OTLP_HEADERS"] ?? ""),
		content: env["CC_ANY_OTLP_CONTENT"] === "1",
	};
}

/** `name=value,name=value`, values percent-encoded, like OTEL_EXPORTER_OTLP_HEADERS. */
function headersOf(text: string): Record<string, string> {
	const pairs = text.split(",").filter((pair) => pair.includes("="));
	return Object.fromEntries(
		pairs.map((pair) => {
			const at = pair.indexOf("=");
			return [pair.slice(0, at).trim(), decoded(pair.slice(0, at).trim(), pair.slice(at + 1).trim())];
		}),
	);
}

/** The value may be a secret, so an error does not show it. */
function decoded(name: string, value: string): string {
	try {
		return decodeURIComponent(value);
	} catch (error) {
		if (!(error instanceof URIError)) throw error;
		const hint = "write a % in a value as %25";
		throw new UserError(`CC_ANY_OTLP_HEADERS: the value of ${name} is not percent-encoded`, {
			hint,
			exitCode: EXIT.config,
		});
	}
}
