import { runTests } from "./run-tests.ts";
import type { ClaudeTask } from "./task.ts";

const TEST = `import assert from "node:assert/strict";
import test from "node:test";
import { formatDuration, parseDuration } from "../src/duration.js";

test("reads hours, minutes and seconds", () => {
	assert.equal(parseDuration("1h 30m"), 5400);
	assert.equal(parseDuration("45s"), 45);
	assert.equal(parseDuration("2h5s"), 7205);
});
test("reads what formatDuration writes", () => {
	for (const seconds of [1, 59, 60, 3600, 3725, 86_399]) assert.equal(parseDuration(formatDuration(seconds)), seconds);
});
test("throws a RangeError for anything else", () => {
	for (const text of ["", "1x", "h", "10", "1h foo", "-5s"]) assert.throws(() => parseDuration(text), RangeError, text);
});
test("formatDuration is what it was", () => assert.equal(formatDuration(3725), "1h 2m 5s"));
`;

/** A missing function that only its test describes. */
export const addFeature: ClaudeTask = {
	name: "add-feature",
	prompt:
		"`test/duration.test.js` tests a function parseDuration that `src/duration.js` does not have yet. Read both, and write " +
		"the function, so that the test passes. Leave the test and formatDuration as they are. You cannot run anything here: " +
		"the test is run when you are done.",
	files: {
		"package.json": '{ "name": "durations", "type": "module", "scripts": { "test": "node --test" } }\n',
		"src/duration.js": `const UNITS = [
	["h", 3600],
	["m", 60],
	["s", 1],
];

/** Seconds as text, the units that are zero left out: \`1h 2m 5s\`. */
export function formatDuration(seconds) {
	const parts = [];
	let rest = seconds;
	for (const [unit, size] of UNITS) {
		const count = Math.floor(rest / size);
		if (count > 0) parts.push(\`\${count}\${unit}\`);
		rest -= count * size;
	}
	return parts.join(" ");
}
`,
		"test/duration.test.js": TEST,
	},
	calls: 3,
	judge: (folder) => runTests(folder, { "test/duration.test.js": TEST }),
};
