import { MONEY_WORDINGS } from "./money-wordings.ts";
import { type FailureWording, openAi, together } from "./wording.ts";

/** The first row that matches decides, so special wordings come before general ones. Limits on
 * tokens are read by `limits.ts`. */
export const FAILURE_WORDINGS: readonly FailureWording[] = [
	...MONEY_WORDINGS,
	// --- a prompt that is too long, if only a code tells
	{
		provider: "Zhipu, Z.ai, MiniMax, llama.cpp, OpenAI (code only)",
		class: "context-overflow",
		pattern:
			/^(1261|1039)\b|exceed_context_size_error|context_length_exceeded|model_context_window_exceeded|request_too_large/,
		example: '{"error":{"code":"1261","message":"Prompt too long"}}',
	},
	// --- what the model or its wire does not support
	{
		provider: "DeepSeek, Kimi",
		class: "reasoning-missing",
		pattern:
			/reasoning_content.{0,120}(passed back|missing)|missing.{0,120}reasoning_content|content\[\]\.thinking.{0,120}passed back|missing a thought_signature/i,
		example: openAi(
			"The reasoning_content in the thinking mode must be passed back to the API.",
			"invalid_request_error",
			"invalid_request_error",
		),
	},
	{
		provider: "Anthropic",
		// Not reasoning-refused: Claude Code 2.1.332 itself removes its thinking blocks on this message, and sends again.
		class: "bad-request",
		pattern: /signature.{0,120}thinking.{0,120}block|thinking.{0,120}blocks?.{0,120}cannot be modified/i,
		example:
			'{"type":"error","error":{"type":"invalid_request_error","message":"messages.1: Invalid `signature` in `thinking` block"}}',
	},
	{
		provider: "OpenAI, Azure, Gemini",
		class: "reasoning-refused",
		pattern:
			/invalid_encrypted_content|encrypted content .{0,120}could not be|(invalid|corrupted) thought[_ ]?signature|items are not persisted|'reasoning' was provided without/i,
		example: openAi(
			"The encrypted content gAAA... could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
			"invalid_encrypted_content",
			"invalid_request_error",
		),
	},
	{
		provider: "OpenAI, GitHub Copilot",
		class: "wrong-dialect",
		pattern:
			/unsupported_api_for_model|use \/?v1\/responses|only supported in \/?v1\/responses|not (supported|accessible) (in|via|by) (the )?\/?(v1\/)?(chat\/completions|responses)\b/i,
		example: openAi(
			"Function tools with reasoning_effort are not supported. Please use /v1/responses",
			null,
			"invalid_request_error",
		),
	},
	{
		provider: "Groq",
		class: "tool-use-failed",
		pattern: /tool_use_failed|malformed_tool_call/,
		example:
			'{"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function=Bash>{}</function>"}}',
	},
	{
		provider: "llama.cpp, Ollama, LM Studio (a template or a grammar that fails on this request)",
		class: "deterministic",
		pattern:
			/failed to parse (?:tool call arguments|grammar)|json\.exception\.parse_error|\bat row \d{1,5}, column \d{1,5}\b|while executing \w{1,40} at line \d|jinja (?:exception|template)/i,
		example:
			'{"error":{"code":500,"message":"Failed to parse tool call arguments as JSON: [json.exception.parse_error.101]","type":"server_error"}}',
	},
	{
		provider:
			"OpenAI, Azure, DashScope, Zhipu (1301), MiniMax (1026, 1027), DeepSeek, Moonshot, Anthropic, xAI, Volcengine",
		class: "content-filter",
		pattern: new RegExp(
			[
				"content[ _]?(?:filter|policy|management policy)|data_?inspection_?failed|moderation|cyber_policy",
				"^(?:1301|1026|1027)\\b|new_sensitive|Sensitive(?:Content|_words)|SAFETY_CHECK|Content Exists Risk|considered high risk|censorship",
				together(
					"violat\\w{1,6}|flagged|rejected",
					"usage (?:policy|guidelines)|terms of service|safety system|security risk",
				),
				together("sensitive|inappropriate|prohibited", "content|words|information", 10),
				"违规|敏感|不安全",
			].join("|"),
			"i",
		),
		example:
			'{"code":"DataInspectionFailed","message":"Input data may contain inappropriate content.","request_id":"r1"}',
	},
	// --- key and account
	{
		provider: "Zhipu, Kimi Code, MiniMax, Gemini",
		class: "auth",
		pattern:
			/invalid[_ ]api[_ ]key|incorrect api key|invalid_authentication|authentication_error|API key (?:not valid|not found|expired|was reported|is (?:disabled|invalid))|^(1004|2049)\b/i,
		example: openAi("Incorrect API key provided", "invalid_api_key", "invalid_request_error"),
	},
	{
		provider: "Moonshot, Kimi Code, Groq, OpenAI, Gemini, Vertex AI, Anthropic, MiniMax (2061)",
		class: "permission",
		pattern:
			/permission_denied|access_terminated|only available for Coding Agents|terms acceptance|must be verified to|(?:location|country|region)\b[^.\n]{0,40}not supported|(?:organization|account) (?:has been|is) (?:disabled|deactivated|suspended)|available in your (?:region|country|location)|only authorized for|unapproved (?:channel|client)|not allow the current client|clients can use this|is not allowed to use|\bplan (?:does )?not support|无权访问/i,
		example:
			'{"error":{"message":"Kimi For Coding is currently only available for Coding Agents","type":"access_terminated_error"}}',
	},
	{
		provider:
			"OpenAI, Ollama, vLLM, Anthropic, DeepSeek, Groq, Bedrock, GitHub Copilot, Hugging Face, NVIDIA NIM, Zhipu",
		class: "model-not-found",
		pattern:
			/model_(?:not_found|not_supported|not_available|decommissioned)|\bmodel\b.{0,80}(?:does not exist|not found|not exist\b|is not available|not available for|no longer available|(?:has been|was|is) (?:deprecated|decommissioned|retired|discontinued|shut down)|end of (?:its )?life|identifier is invalid|is not valid|no provider)|(?:no such|unknown|incorrect|not a valid) model|by any (?:configured )?(?:account|provider)|deployment.{0,40}does not exist|DeploymentNotFound|不支持的模型|模型.{0,40}(?:不存在|未上线|已下线)|resource_not_found_error/i,
		example: openAi(
			"The model `gpt-9` does not exist or you do not have access to it.",
			"model_not_found",
			"invalid_request_error",
		),
	},
	// --- temporary limits
	{
		provider: "Zhipu (1302), Moonshot, DeepSeek",
		class: "concurrency",
		pattern: /^1302\b|concurren|并发/i,
		example: '{"error":{"code":"1302","message":"您当前使用该API的并发数过高"}}',
	},
	{
		provider: "Moonshot, Zhipu (1305, 1312), Anthropic, Gemini, SiliconFlow",
		class: "overloaded",
		pattern:
			/overloaded|^(1305|1312)\b|访问量过大|too busy|server_busy|high_demand|capacity|UNAVAILABLE|provider_unavailable|insufficient_system_resource/i,
		example:
			'{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}',
	},
	{
		provider:
			"MiniMax (1002), Zhipu (1303, 1313), DashScope, Groq, Cerebras, Gemini, OpenAI and others; also disguised as 503",
		class: "rate-limit",
		pattern:
			/rate[-_ ]?limit|request rate|too[_ ]many[_ ](requests|tokens)|throttl|LimitRequests|RESOURCE_EXHAUSTED|quota_exceeded|request_throttled|^(1002|1303|1313)\b|requests per (second|minute|day)|过于频繁|稍后再试|(速率|频率|每分钟)[^。]{0,60}上限/i,
		example: '{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}',
	},
	// --- server errors
	{
		provider: "Fireworks",
		class: "generation-failed",
		pattern: /Floating point NaN/i,
		example: openAi("Floating point NaN (not-a-number) is detected in generation", null, "invalid_request_error"),
	},
	{
		provider: "OpenAI-style",
		class: "unsupported-parameter",
		pattern:
			/unsupported[_ ](parameter|value)|unknown[_ ](parameter|field|name)|extra inputs are not permitted|unrecognized request argument|is not supported (with|for|by)|unexpected keyword/i,
		example: openAi(
			"Unsupported parameter: 'max_tokens' is not supported with this model.",
			"unsupported_parameter",
			"invalid_request_error",
		),
	},
	{
		provider: "FastAPI, nginx, anyone",
		class: "transient",
		pattern:
			/internal server error|bad gateway|gateway time-?out|upstream connect error|InternalError(?!\.Algo\.InvalidParameter)/i,
		example: "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
	},
];
