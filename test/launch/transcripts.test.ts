import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasAnsweredSince } from "../../src/launch/transcripts.ts";
import { profileHome } from "../support/profile-home.ts";

/** A line as 2.1.332 writes it. */
const line = (type: string, model: string, at: number) =>
	`${JSON.stringify({ message: { role: type, model }, type, timestamp: new Date(at).toISOString() })}\n`;

test("an answer of a model since the start, in this directory; no other line is one", () => {
	const home = profileHome();
	const start = Date.now();
	const answered = () => hasAnsweredSince(start, "/my/pro.ject", { HOME: home.home });
	expect(answered()).toBe(false);
	mkdirSync(join(home.home, ".claude/projects/-my-pro-ject"), { recursive: true });
	const write = (name: string, ...lines: string[]) =>
		home.write(`.claude/projects/-my-pro-ject/${name}`, lines.join(""));
	write(
		"s.jsonl",
		line("user", "", start),
		line("assistant", "<synthetic>", start),
		line("assistant", "m", start - 1),
		"{",
	);
	write("s.txt", line("assistant", "m", start));
	expect(answered()).toBe(false);
	write("s.jsonl", line("user", "", start), line("assistant", "claude-opus-5-5", start + 1));
	expect(answered()).toBe(true);
});
