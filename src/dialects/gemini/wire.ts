import type { JsonSchema } from "../../protocol/messages.ts";

/**
 * Wire types of Google's generateContent. Source: ai.google.dev/api/generate-content and ai.google.dev/api/caching#Part.
 * In replies every field is optional and untrusted.
 */

export interface InlineData {
	mimeType: string;
	/** Base64. */
	data: string;
}

/** A part of a content in a request. */
export type RequestPart =
	| { text: string; thoughtSignature?: string }
	| { inlineData: InlineData }
	| { functionCall: { id?: string; name: string; args: { [name: string]: unknown } }; thoughtSignature?: string }
	| {
			functionResponse: {
				id?: string;
				name: string;
				response: { output: string } | { error: string };
				parts?: { inlineData: InlineData }[];
			};
	  };

export interface Content {
	role: "user" | "model";
	parts: RequestPart[];
}

export interface FunctionDeclaration {
	name: string;
	description?: string;
	parameters?: JsonSchema;
}

export type GeminiTool =
	| { functionDeclarations: FunctionDeclaration[] }
	| { googleSearch: Record<string, never> }
	| { codeExecution: Record<string, never> };

export interface FunctionCallingConfig {
	mode: "AUTO" | "ANY" | "NONE";
	allowedFunctionNames?: string[];
}

export interface GenerationConfig {
	maxOutputTokens?: number;
	temperature?: number;
	topP?: number;
	topK?: number;
	stopSequences?: string[];
	responseMimeType?: "application/json";
	responseSchema?: JsonSchema;
}

/** The body of a request. Profiles may add fields of their own. */
export type GenerateContentRequest = {
	systemInstruction?: { parts: { text: string }[] };
	contents: Content[];
	tools?: GeminiTool[];
	toolConfig?: { functionCallingConfig: FunctionCallingConfig };
	generationConfig: GenerationConfig;
};

/** A part of a reply. */
export interface ReplyPart {
	text?: unknown;
	/** The text is a thought. */
	thought?: unknown;
	thoughtSignature?: unknown;
	functionCall?: {
		id?: unknown;
		name?: unknown;
		args?: unknown;
		/** Vertex AI streams arguments in pieces; the call goes on while `willContinue` is set. */
		partialArgs?: unknown;
		willContinue?: unknown;
	} | null;
	[field: string]: unknown;
}

export interface Candidate {
	index?: unknown;
	content?: { parts?: ReplyPart[] | null } | null;
	finishReason?: unknown;
	finishMessage?: unknown;
	groundingMetadata?: GroundingMetadata | null;
}

/** The results of Google's own search. */
export interface GroundingMetadata {
	webSearchQueries?: unknown;
	groundingChunks?: unknown;
}

export interface GeminiChunk {
	candidates?: Candidate[] | null;
	promptFeedback?: { blockReason?: unknown; blockReasonMessage?: unknown } | null;
	usageMetadata?: unknown;
	modelVersion?: unknown;
	responseId?: unknown;
	error?: unknown;
	[field: string]: unknown;
}
