const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}";
const UNIT = "(?:ns|[µμu]s|ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)";

const TIMES = [
	// 2026-11-29T10:00:01.123Z, 2026/11/29 10:00:01, and with `_` in the names of npm's logs
	/\b\d{4}[-/]\d\d[-/]\d\d(?:[T _]\d\d[:_]\d\d(?:[:_]\d\d(?:[._,]\d{1,9})?)?)?(?:Z\b| ?UTC\b|[+-]\d\d:?\d\d\b)?/g,
	new RegExp(`\\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?${MONTH} {1,2}\\d{1,2}\\b(?:,? \\d{4}\\b)?`, "g"),
	new RegExp(`\\b\\d{1,2}[ /-]${MONTH}[ /-]\\d{4}(?::\\d\\d:\\d\\d:\\d\\d)?\\b`, "g"),
	/\b\d{1,2}\/\d{1,2}\/\d{4}\b/g,
	// 10:00:01.123, 9:05 PM; not the 10:25 of file.ts:10:25
	/(?<![\w:.])\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[AP]M)?(?![\w:])/gi,
	// 1.23s, 0m1.2s, 2 minutes 5 seconds
	new RegExp(`(?<![\\w.])(?:\\d{1,9}(?:[.,]\\d{1,9})? ?${UNIT}(?=\\b|\\d) ?)+`, "g"),
	// "elapsed_ms": 34
	/\b(?:duration|elapsed|time|took|latency|uptime)\w{0,12}["']?[=: ]{1,3}\d{1,12}(?:\.\d{1,9})?/gi,
	// seconds and milliseconds since 1970
	/\b1[5-9]\d{8}(?:\d{3})?(?:\.\d{1,9})?\b/g,
	// [   12.345678] of the kernel's log
	/\[ *\d{1,9}\.\d{6}\]/g,
];

const PIDS = [
	/\bpid\b\W{0,3}\d+/gi,
	/\bprocess(?: id)?[ :#=]{1,2}\d{2,}\b/gi,
	// (node:1234), name[1234]:, ==1234==, [1] 1234 of a shell's job
	/\((?:node|python|ruby|java):\d+\)/g,
	/\[\d{2,}\](?=:)/g,
	/={2,4}\d+={2,4}/g,
	/^\[\d+\] \d+$/gm,
	/\/proc\/\d+/g,
	/\b\d+(?= +(?:Segmentation fault|Killed|Aborted|Terminated|Bus error))/g,
	// A temporary file is named after a process or at random.
	/\/tmp\/[\w.-]+/g,
	// Claude Code names background commands: `running in background with ID: b1x2y3`
	/\bwith ID:? \S+/g,
	// addresses of objects
	/\b0x[0-9a-f]{6,}/gi,
];

/** A text with each time, date, duration and process id replaced by the same word. */
export function withoutTimesAndPids(text: string): string {
	const timeless = TIMES.reduce((rest, pattern) => rest.replace(pattern, "TIME"), text);
	return PIDS.reduce((rest, pattern) => rest.replace(pattern, "PID"), timeless);
}
