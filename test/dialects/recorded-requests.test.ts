import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { repairRequest } from "../../src/repairs/index.ts";
import { ALL_DIALECTS, counter, FIXTURES, makeTarget } from "../support/fixture.ts";
import { violationsOf } from "../support/invariants.ts";
import { quirkViolations } from "../support/quirk-rules.ts";

const folder = join(FIXTURES, "requests");
const recorded = readdirSync(folder)
	.filter((name) => name.endsWith(".json"))
	.map((name) => ({ name, request: JSON.parse(readFileSync(join(folder, name), "utf8")) as MessageRequest }));

describe.each(recorded)("$name", ({ request }) => {
	test.each(ALL_DIALECTS)("encodes for $name with default quirks", (dialect) => {
		const target = makeTarget(dialect.name);
		const repaired = repairRequest(request, { target, mintId: counter(), note: () => {} });
		const { body } = dialect.encode(repaired, target, () => {}, ["context-management-2025-06-27"]);
		expect([...violationsOf(dialect.name, body), ...quirkViolations(body, target)]).toEqual([]);
		expect(body).toEqual(dialect.encode(repaired, target, () => {}, ["context-management-2025-06-27"]).body);
	});

	test("needs no history repair", () => {
		const target = makeTarget("anthropic");
		const kinds = new Set<string>();
		repairRequest(request, { target, mintId: counter(), note: ({ kind }) => kinds.add(kind) });
		// The recording of damaged inputs holds three of the same in a row.
		const expected = ["billing-line", "unparsed-tool-input", "repeated-call"];
		expect([...kinds].filter((kind) => !expected.includes(kind))).toEqual([]);
	});
});

test("all recordings are here", () => {
	expect(recorded).toHaveLength(21);
});
