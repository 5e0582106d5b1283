import type { FailureClass } from "./table.ts";

/** How a provider words one class of failure. */
export interface FailureWording {
	/** Providers that use these words. */
	provider: string;
	class: FailureClass;
	/** Matched against the error's codes and message, joined by a space. */
	pattern: RegExp;
	/** A literal error body, which a test reads. */
	example: string;
}

const openAi = (message: string, code: string | null, type: string) =>
	JSON.stringify({ error: { message, type, code } });

/** The first row that matches decides, so special wordings come before general ones. Limits on
 * tokens are read by `limits.ts`. */
export const FAILURE_WORDINGS: readonly FailureWording[] = [
	// --- money and plans: retrying cannot help
	{
		provider: "DashScope (a per-minute limit, in spite of insufficient_quota)",
		class: "rate-limit",
		pattern: /error-code#token-limit/i,
		example: openAi(
			"You exceeded your current quota, please check your plan and billing details. For details, see: error-code#token-limit",
			"insufficient_quota",
			"insufficient_quota",
		),
	},
	{
		provider: "OpenRouter",
		class: "rate-limit",
		pattern: /openrouter_in_flight_budget/,
		example: '{"error":{"code":402,"type":"openrouter_in_flight_budget","message":"Too many requests in flight"}}',
	},
	{
		provider: "DeepSeek, MiniMax",
		class: "balance",
		pattern: /insufficient[_ ]balance|^1008\b|\(1008\)|余额不足|额度不足/i,
		example:
			'{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}',
	},
	{
		provider: "Zhipu (HTTP 429)",
		class: "balance",
		pattern: /^1113\b/,
		example: '{"error":{"code":"1113","message":"Your account is in arrears, please recharge"}}',
	},
	{
		provider: "Vercel, Together, OpenRouter, xAI, Anthropic",
		class: "balance",
		pattern:
			/insufficient[_ ]funds|insufficient credits|credit balance is too low|run out of credits|spending[- ]limit|billing_error|available credits|credits_required|Arrearage|PrepaidBillOverdue|payment_required/i,
		example: '{"error":{"message":"Insufficient funds. Add credits.","type":"insufficient_funds"}}',
	},
	{
		provider: "OpenAI, Moonshot",
		class: "quota",
		pattern: /insufficient_quota|exceeded_current_quota_error|exceeded your current quota/i,
		example: openAi(
			"You exceeded your current quota, please check your plan",
			"insufficient_quota",
			"insufficient_quota",
		),
	},
	{
		provider: "MiniMax (says rate_limit_error, is the plan)",
		class: "quota",
		pattern: /usage limit exceeded|^2056\b|\(2056\)/i,
		example:
			'{"type":"error","error":{"type":"rate_limit_error","message":"usage limit exceeded (2056)","http_code":"429"},"request_id":"r1"}',
	},
	{
		provider: "Zhipu, Z.ai (1304 daily, 1308 plan window, 1309 expired, 1310 weekly, 1311 not in plan)",
		class: "quota",
		pattern: /^(1304|1308|1309|1310|1311)\b|使用上限|限额.{0,120}重置|(额度|配额)已?(用完|耗尽)/,
		example: '{"error":{"code":"1308","message":"已达到 5 小时的使用上限。您的限额将在 2026-11-25 18:00:00 重置。"}}',
	},
	{
		provider: "Kimi Code, Codex, OpenRouter, Gemini, DashScope",
		class: "quota",
		pattern:
			/usage limit for this (billing cycle|period)|usage_limit_reached|subscription_sharing_usage_limit|free-models-per-day|limit_rpd|free_tier_daily|QUOTA_EXHAUSTED|PerDay|FreeTierOnly|CommodityNotPurchased/i,
		example:
			'{"error":{"message":"You\'ve reached your usage limit for this billing cycle","type":"permission_error"}}',
	},
	// --- the prompt, where only a code says so
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
			/invalid_encrypted_content|encrypted content .{0,120}could not be|(invalid|corrupted) thought[_ ]?signature/i,
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
			/unsupported_api_for_model|use \/?v1\/responses|only supported in \/?v1\/responses|not (supported|accessible) (in|via) (the )?\/?(v1\/)?(chat\/completions|responses)\b/i,
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
		provider: "llama.cpp, Ollama",
		class: "deterministic",
		pattern: /failed to parse tool call arguments|json\.exception\.parse_error/i,
		example:
			'{"error":{"code":500,"message":"Failed to parse tool call arguments as JSON: [json.exception.parse_error.101]","type":"server_error"}}',
	},
	{
		provider: "OpenAI, Azure, DashScope, Zhipu (1301), MiniMax (1026, 1027)",
		class: "content-filter",
		pattern:
			/content_filter|content management policy|DataInspectionFailed|data_inspection_failed|^(1301|1026|1027)\b|moderation/i,
		example:
			'{"code":"DataInspectionFailed","message":"Input data may contain inappropriate content.","request_id":"r1"}',
	},
	// --- key and account
	{
		provider: "Zhipu, Kimi Code, MiniMax, Gemini",
		class: "auth",
		pattern:
			/invalid[_ ]api[_ ]key|incorrect api key|invalid_authentication|authentication_error|API key not valid|^(1004|2049)\b/i,
		example: openAi("Incorrect API key provided", "invalid_api_key", "invalid_request_error"),
	},
	{
		provider: "Moonshot, Kimi Code",
		class: "permission",
		pattern: /permission_denied|access_terminated|only available for Coding Agents/i,
		example:
			'{"error":{"message":"Kimi For Coding is currently only available for Coding Agents","type":"access_terminated_error"}}',
	},
	{
		provider: "OpenAI, Ollama, vLLM, Anthropic",
		class: "model-not-found",
		pattern:
			/model_not_found|model .{0,80}(does not exist|not found|is not available|(has been|was|is) (deprecated|decommissioned|retired|discontinued|shut down))|no such model|unknown model|resource_not_found_error/i,
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
			/rate[-_ ]?limit|too[_ ]many[_ ](requests|tokens)|throttl|LimitRequests|RESOURCE_EXHAUSTED|quota_exceeded|request_throttled|^(1002|1303|1313)\b|requests per (second|minute|day)|过于频繁|稍后再试|(速率|频率|每分钟)[^。]{0,60}上限/i,
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
