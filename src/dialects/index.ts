import type { DialectName } from "../profile/model/quirks.ts";
import type { Dialect } from "./dialect.ts";

const LOADERS: Readonly<Record<DialectName, () => Promise<Dialect>>> = {
	"openai-chat": async () => (await import("./openai-chat/index.ts")).openaiChat,
	"openai-responses": async () => (await import("./openai-responses/index.ts")).openaiResponses,
	gemini: async () => (await import("./gemini/index.ts")).gemini,
	anthropic: async () => (await import("./anthropic/index.ts")).anthropic,
};

const loaded = new Map<DialectName, Promise<Dialect>>();

/** Loads a dialect. Only the dialects that are used are loaded. */
export function loadDialect(name: DialectName): Promise<Dialect> {
	const dialect = loaded.get(name) ?? LOADERS[name]();
	loaded.set(name, dialect);
	return dialect;
}
