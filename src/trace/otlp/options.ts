import type { Environment } from "../../profile/environment.ts";
import type { OtlpOptions } from "./exporter.ts";

/** Where spans go, from the environment; undefined: nowhere. cc-any's own variables, so that others' do not start it. */
export function otlpOptions({ env }: Environment): OtlpOptions | undefined {
	const endpoint = env["CC_ANY_OTLP_ENDPOINT"];
	if (!endpoint) return undefined;
	return {
		endpoint,
		headers: headersOf(env["CC_ANY_OTLP_HEADERS"] ?? ""),
		content: env["CC_ANY_OTLP_CONTENT"] === "1",
	};
}

/** `name=value,name=value`, values percent-encoded, as OpenTelemetry writes its own variable. */
function headersOf(text: string): Record<string, string> {
	const pairs = text.split(",").filter((pair) => pair.includes("="));
	return Object.fromEntries(
		pairs.map((pair) => {
			const at = pair.indexOf("=");
			return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
		}),
	);
}
