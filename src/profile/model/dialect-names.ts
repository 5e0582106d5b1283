/** Wire formats that a target can speak. */
export const DIALECTS = ["openai-chat", "anthropic", "openai-responses", "gemini"] as const;
export type DialectName = (typeof DIALECTS)[number];
