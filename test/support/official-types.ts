import type Anthropic from "@anthropic-ai/sdk";
import type * as Google from "@google/genai";
import type OpenAI from "openai";
import type { Content, GenerateContentRequest, GenerationConfig } from "../../src/dialects/gemini/wire.ts";
import type { ChatMessage, ChatRequest, ToolMessage } from "../../src/dialects/openai-chat/wire.ts";
import type {
	HostedCall,
	InputItem,
	ReasoningItem,
	ResponsesRequest,
} from "../../src/dialects/openai-responses/wire.ts";
import type { PassedTool } from "../../src/dialects/tools/tool-offer.ts";

/** The request body of each dialect in its vendor's own types, as a second opinion on what the encoders send. */
export interface Official {
	"openai-chat": OpenAI.ChatCompletionCreateParams;
	"openai-responses": OpenAI.Responses.ResponseCreateParams;
	/** Google's SDK names the parts of this request, not the request itself. */
	gemini: Plain<{
		systemInstruction?: Google.Content;
		contents: Google.Content[];
		tools?: Google.Tool[];
		toolConfig?: Google.ToolConfig;
		generationConfig?: Google.GenerationConfig;
	}>;
	anthropic: Anthropic.Beta.MessageCreateParams;
}

/** The same of the requests for a token count. */
export interface OfficialCount {
	"openai-chat": never;
	"openai-responses": OpenAI.Responses.InputTokenCountParams;
	gemini: { generateContentRequest: Official["gemini"] & { model: string } } | Omit<Official["gemini"], "toolConfig">;
	anthropic: Anthropic.Beta.MessageCountTokensParams;
}

/** Google's enums in the words that stand on the wire; of types and levels the API takes both cases. */
type Plain<T> = T extends string
	? `${T}` | (T extends Google.Type | Google.ThinkingLevel ? Lowercase<`${T}`> : never)
	: T extends object
		? { [K in keyof T]: Plain<T[K]> }
		: T;

type Tools<Request extends { tools?: unknown[] }> = NonNullable<Request["tools"]>[number];
/** Fields of ours that the vendor's type does not have. */
type Added<Ours, Official> = Exclude<keyof Ours, keyof Official>;
/** OpenAI takes no images in the answer of a tool. */
type TextAnswer = Omit<ToolMessage, "content"> & { content: string };

/** Compiles only where the first type is no wider than the second. */
type Within<Ours extends Official, Official> = [Ours, Official];

/**
 * `tsc` fails here when an encoder's type says what its vendor's does not.
 * @public because only the compiler reads it
 */
export type EncodersKeepToTheirVendors = [
	Within<Exclude<ChatMessage, ToolMessage> | TextAnswer, OpenAI.ChatCompletionMessageParam>,
	Within<Exclude<Tools<ChatRequest>, PassedTool>, OpenAI.ChatCompletionTool>,
	Within<Omit<ChatRequest, "messages" | "tools">, Omit<Official["openai-chat"], "messages" | "tools">>,
	Within<Added<ChatRequest, Official["openai-chat"]>, "top_k" | "user_id">,
	// Reasoning items and hosted calls go back as their maker gave them.
	Within<Exclude<InputItem, ReasoningItem | HostedCall>, OpenAI.Responses.ResponseInputItem>,
	Within<Exclude<Tools<ResponsesRequest>, PassedTool>, OpenAI.Responses.Tool>,
	Within<Omit<ResponsesRequest, "input" | "tools">, Omit<Official["openai-responses"], "input" | "tools">>,
	Within<Added<ResponsesRequest, Official["openai-responses"]>, "user_id">,
	Within<Content, Plain<Google.Content>>,
	Within<Tools<GenerateContentRequest>, Plain<Google.Tool>>,
	Within<GenerateContentRequest, Official["gemini"]>,
	Within<Added<GenerateContentRequest, Official["gemini"]>, never>,
	Within<Added<GenerationConfig, Google.GenerationConfig>, never>,
];
