import type { Quirks } from "../../profile/model/quirks.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";

/** Body fields that belong to a beta, by the beta's name without its date. Source: Anthropic's beta headers page. */
const FIELDS_OF_BETA: Readonly<Record<string, readonly string[]>> = {
	"context-management": ["context_management"],
	"mcp-client": ["mcp_servers"],
	"code-execution": ["container"],
};

/** The betas that are passed on, and the request without the fields of those that are not, or that are refused. */
export function adaptBetas(
	request: MessageRequest,
	betas: readonly string[],
	quirks: Quirks,
	note: Note,
): { request: MessageRequest; betas: string[] } {
	const passed = betas.filter((beta) => quirks.betas === "all" || quirks.betas.includes(beta));
	const refused = new Set(quirks.refusedFields);
	for (const beta of betas) {
		if (!passed.includes(beta)) for (const field of FIELDS_OF_BETA[withoutDate(beta)] ?? []) refused.add(field);
	}
	const found = Object.keys(request).filter((field) => refused.has(field));
	if (found.length === 0) return { request, betas: passed };
	note({ kind: "refused-field", where: "request", seen: found.join(", "), done: "not sent" });
	const kept = Object.entries(request).filter(([field]) => !refused.has(field));
	return { request: Object.fromEntries(kept) as MessageRequest, betas: passed };
}

function withoutDate(beta: string): string {
	return beta.replace(/-\d{4}-\d{2}-\d{2}$/, "");
}
