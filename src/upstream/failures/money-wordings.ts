import { type FailureWording, openAi, together } from "./wording.ts";

const MONEY = "\\b(?:balance|credits?|funds)\\b|余额|额度|资源包";
const SPENT =
	"\\b(?:insufficient|not enough|too low|depleted|exhausted|overdue|used up|used all|run out of|no(?= credits))|不足|失败";

/** `weekly usage limit`, `5-hour usage quota`, `today's quota`, `daily free allocation`, `inference limit`. */
const PLAN_LIMIT =
	"\\b(?:daily|weekly|monthly|session|today's|\\d{1,2}-hours?|usage|inference|free|key|total)\\W{0,2}(?:\\w{1,20} ){0,2}(?:limits?|quota|allocation|window)\\b";
const REACHED = "\\b(?:reached|exceeded|exhausted|depleted|used up|hit)\\b";

/** Money and plans: retrying cannot help. Many gateways report them with 400, 403 or 429. */
export const MONEY_WORDINGS: readonly FailureWording[] = [
	{
		provider: "DashScope (a per-minute limit, despite insufficient_quota)",
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
		provider: "DeepSeek, MiniMax (1008), Zhipu (1113 with HTTP 429), Volcengine, DashScope, OpenAI, new-api",
		class: "balance",
		pattern:
			/insufficient[_ ](?:balance|funds|user_quota)|^(?:1008|1113)\b|\(1008\)|(?:Account|Bill)Overdue|Arrearage|billing[_ ]hard[_ ]limit|credit_balance|spend(?:ing)?[-_ ]limit|billing_error|available credits|(?:credits?|deposit|payment)[_ ]required|pre-?consumed? (?:token )?quota|quota is not enough|预扣费/i,
		example:
			'{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}',
	},
	{
		provider: "Anthropic, SiliconFlow, Moonshot, Together, Venice, Hugging Face and gateways",
		class: "balance",
		pattern: new RegExp(`${together(MONEY, SPENT)}|\\baccount (?:is )?(?:overdue|in arrears)|欠费`, "i"),
		example:
			'{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}',
	},
	{
		provider: "OpenAI, Moonshot",
		class: "quota",
		pattern: /insufficient[_ ]quota|exceeded_current_quota_error|exceeded your current (?:token )?quota/i,
		example: openAi(
			"You exceeded your current quota, please check your plan",
			"insufficient_quota",
			"insufficient_quota",
		),
	},
	{
		provider:
			"MiniMax (2056), Zhipu (1304 daily, 1308 plan window, 1309 expired, 1310 weekly, 1311 not in plan), Volcengine, LiteLLM, Bedrock",
		class: "quota",
		pattern:
			/^(?:1304|1308|1309|1310|1311|2056)\b|\(2056\)|(?:使用量?|用量)上限|限额.{0,120}重置|(?:额度|配额)已?(?:用完|用尽|耗尽)|(?:Account|Token_?)Quota_?(?:Exceeded|Reached)|SetLimitExceeded|budget_exceeded|ExceededBudget|budget has been exceeded|too many tokens per day/i,
		example:
			'{"type":"error","error":{"type":"rate_limit_error","message":"usage limit exceeded (2056)","http_code":"429"},"request_id":"r1"}',
	},
	{
		provider: "Kimi Code, Codex, OpenRouter, Gemini, DashScope, Anthropic",
		class: "quota",
		pattern:
			/usage limit for this (?:billing cycle|period)|usage_limit_reached|usage_not_included|subscription_sharing_usage_limit|free-models-per-day|limit_rpd|free_tier_daily|QUOTA_EXHAUSTED|PerDay|FreeTierOnly|CommodityNotPurchased|regain access|extra usage/i,
		example:
			'{"error":{"message":"You\'ve reached your usage limit for this billing cycle","type":"permission_error"}}',
	},
	{
		provider: "OpenRouter, Ollama cloud, Volcengine, ModelScope, Cloudflare, OpenCode, Z.ai and gateways",
		class: "quota",
		pattern: new RegExp(together(PLAN_LIMIT, REACHED), "i"),
		example:
			'{"error":{"message":"Key limit exceeded (monthly limit). Manage it using https://openrouter.ai/settings/keys","code":403}}',
	},
];
