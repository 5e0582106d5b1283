import { runTests } from "./run-tests.ts";
import type { ClaudeTask } from "./task.ts";

const TEST = `import assert from "node:assert/strict";
import test from "node:test";
import { totalOf } from "../src/invoice.js";

const items = [
	{ name: "paper", price: 450, amount: 3 },
	{ name: "ink", price: 1999, amount: 1 },
];

test("adds up the items", () => assert.equal(totalOf(items), 3349));
test("takes ten percent off from 5000 on", () => {
	assert.equal(totalOf([{ name: "desk", price: 5000, amount: 1 }]), 4500);
	assert.equal(totalOf([{ name: "desk", price: 4999, amount: 1 }]), 4999);
});
test("nothing costs nothing", () => assert.equal(totalOf([]), 0));
`;

/** An off-by-one limit, two imports away from the failing test. */
export const fixBug: ClaudeTask = {
	name: "fix-bug",
	prompt:
		"The test in test/invoice.test.js fails. Find the bug in src and fix it, so that the test passes. Leave the test as " +
		"it is. You cannot run anything here: the test is run when you are done.",
	files: {
		"package.json": '{ "name": "invoices", "type": "module", "scripts": { "test": "node --test" } }\n',
		"README.md": "# Invoices\n\nAdds up invoices. Prices are in cents.\n",
		"src/invoice.js": `import { discountOf } from "./discount.js";

/** Total of an invoice in cents, after discount. */
export function totalOf(items) {
	const sum = items.reduce((total, { price, amount }) => total + price * amount, 0);
	return sum - discountOf(sum);
}
`,
		"src/discount.js": `/** Ten percent for 5000 cents and more. */
export function discountOf(sum) {
	return sum > 5000 ? Math.round(sum / 10) : 0;
}
`,
		"src/format.js": `/** Cents as text: \`12.30\`. */
export function formatted(cents) {
	return (cents / 100).toFixed(2);
}
`,
		"test/invoice.test.js": TEST,
	},
	calls: 5,
	judge: (folder) => runTests(folder, { "test/invoice.test.js": TEST }),
};
