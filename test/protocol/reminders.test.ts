import { expect, test } from "vitest";
import { outsideReminders, reminder, withoutReminders } from "../../src/protocol/reminders.ts";

test.each([
	["none", "none"],
	[`a ${reminder("x")} b ${reminder("y")} c`, "a  b  c"],
	["a<system-reminder>b<system-reminder>c</system-reminder>d", "ad"],
	["a</system-reminder>b<system-reminder>c", "a</system-reminder>b<system-reminder>c"],
	["", ""],
])("a text without its reminders: %s", (text, rest) => {
	expect(withoutReminders(text)).toBe(rest);
});

test("ten thousand reminders are no recursion", () => {
	expect(outsideReminders(reminder("x").repeat(10_000))).toHaveLength(10_001);
});
