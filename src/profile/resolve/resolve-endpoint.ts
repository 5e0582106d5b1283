import { normaliseBaseUrl } from "../model/base-url.ts";
import type { Endpoint } from "../model/profile.ts";
import type { DialectName } from "../model/quirks.ts";
import type { EndpointFile } from "../model/schema.ts";
import type { Reader } from "./reader.ts";

/**
 * An endpoint with its address filled in. One that nobody needs is left out when a variable of its address is missing:
 * Azure's second endpoint must not demand a second variable.
 */
export function resolveEndpoint(
	endpoint: EndpointFile | undefined,
	dialect: DialectName,
	reader: Reader,
	needed: boolean,
	field = `endpoints.${dialect}`,
): Endpoint | undefined {
	if (!endpoint?.baseUrl) return undefined;
	const open = !reader.complete(endpoint.baseUrl);
	if (open && !needed && !reader.tolerant) return undefined;
	const address = reader.text(endpoint.baseUrl, `${field}.baseUrl`);
	const place = { profile: reader.profile, field: `${field}.baseUrl` };
	const { baseUrl, note } = open ? { baseUrl: address } : normaliseBaseUrl(address, dialect, place);
	if (note) reader.warnings.push(note);
	return {
		baseUrl,
		auth: endpoint.auth,
		headers: endpoint.headers && reader.texts(endpoint.headers, `${field}.headers`),
		quirks: reader.quirks(endpoint.quirks, `${field}.quirks`),
	};
}
