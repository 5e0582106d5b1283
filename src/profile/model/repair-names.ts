/** The repairs that `disabledRepairs` can name. The type of a repair's `name` keeps this list complete. */
export const REPAIR_NAMES = [
	"assistant-turns",
	"billing-line",
	"compaction-call",
	"control-tokens",
	"duplicated-reasoning",
	"empty-text",
	"empty-turn",
	"end-loop",
	"first-user-turn",
	"leaked-history",
	"leaked-tool-calls",
	"misplaced-tool-results",
	"missing-parameters",
	"missing-tool-results",
	"missing-usage",
	"multi-tool-use",
	"orphan-tool-results",
	"repeated-calls",
	"repeated-tool-ids",
	"smoothing",
	"stop-sequences",
	"think-tags",
	"tool-input",
	"unparsed-tool-input",
] as const;

export type RepairName = (typeof REPAIR_NAMES)[number];
