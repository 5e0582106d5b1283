import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { divergentExchanges, explain } from "../../src/trace/explain/explain.ts";
import { usualFigures } from "../../src/trace/explain/figures.ts";
import { nextCommand } from "../../src/trace/explain/rules/next-command.ts";
import { readSession } from "../../src/trace/store/sessions.ts";
import { type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { BASH, chat, FAULTS, type Fault, MODEL, type Request } from "../support/faults.ts";
import { testProfile } from "../support/profile.ts";
import { RecordedSession } from "../support/recorded-session.ts";
import { selfSigned } from "../support/self-signed.ts";

/** One server for all sessions: the path of a request names its fault. */
let server: FaultServer;
const attempts = new Map<string, number>();

const TURNS = 10;
const FAULTY_TURN = 6;
const healthy = chat([{ content: "It " }, { content: "is " }, { content: "done " }, { content: "now." }]);

beforeAll(async () => {
	server = await startFaultServer(({ url, body }) => {
		const [, index = ""] = /^\/fault-(\d+)\//.exec(url) ?? [];
		const fault = FAULTS[Number(index)];
		const { turn = FAULTY_TURN } = fault ?? {};
		const isFaulty = body.includes(`turn ${turn}"`) && !body.includes(`turn ${turn + 1}"`);
		if (!fault || !isFaulty) return healthy;
		const attempt = attempts.get(index) ?? 0;
		attempts.set(index, attempt + 1);
		return fault.replies[Math.min(attempt, fault.replies.length - 1)] ?? healthy;
	});
});
afterAll(async () => {
	await server.close();
	secure.close();
});

/** A server with a certificate of its own making. */
let secure: { url: string; close(): void };
beforeAll(async () => {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-tls-"));
	const { key, cert } = selfSigned(folder);
	rmSync(folder, { recursive: true });
	const tls = createServer({ key, cert });
	await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
	secure = {
		url: `https://127.0.0.1:${(tls.address() as AddressInfo).port}`,
		close: () => tls.close(),
	};
});

function requestOf(turn: number): Request {
	const earlier = Array.from({ length: turn - 1 }, (_, index) => [
		{ role: "user", content: `turn ${index + 1}` },
		{ role: "assistant", content: "It is done now." },
	]).flat();
	return {
		model: MODEL,
		max_tokens: 8192,
		stream: true,
		system: [{ type: "text", text: "You are a coding agent." }],
		messages: [...earlier, { role: "user", content: `turn ${turn}` }],
		tools: [BASH],
	};
}

/** The records of a session with a fault in its sixth exchange. */
async function recordsOf(index: number, fault: Fault | undefined) {
	const state = new RecordedSession();
	const scripted = `${server.url}/fault-${index}`;
	const base = fault?.baseUrl === "self-signed" ? secure.url : (fault?.baseUrl ?? scripted);
	const spare = testProfile(scripted, { name: "spare" });
	const fallbacks = fault?.kind === "fallback" ? [{ profile: spare, model: undefined }] : [];
	try {
		const session = await state.open(base, { profile: { ...fault?.profile, fallbacks } });
		// Where each exchange fails, one is enough.
		for (let turn = 1; turn <= (fault?.baseUrl ? 1 : TURNS); turn++) {
			const request = requestOf(turn);
			const isFaulty = fault !== undefined && turn === (fault.turn ?? FAULTY_TURN);
			const body = isFaulty ? (fault.ask?.(request) ?? request) : request;
			const cancelAfter = isFaulty ? fault.cancelAfterMs : undefined;
			const signal = cancelAfter === undefined ? null : AbortSignal.timeout(cancelAfter);
			const headers = {
				authorization: `Bearer ${session.token}`,
				"content-type": "application/json",
				"x-claude-code-session-id": "one",
			};
			await fetch(`${session.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(body), signal })
				.then((response) => response.text())
				.catch((error: Error) => expect(error.name).toBe("TimeoutError"));
		}
		await state.resources.release();
		return (await readSession(state.folder, session.recording.session)).records;
	} finally {
		await state.resources.release();
		state.remove();
	}
}

test.concurrent("a healthy session has no finding", { timeout: 60_000 }, async () => {
	const records = await recordsOf(9999, undefined);
	expect(records).toHaveLength(TURNS);
	expect(divergentExchanges(records)).toEqual({ chosen: undefined, faults: [], remarks: [] });
});

test.concurrent.each(FAULTS.map((fault, index) => ({ ...fault, index })))(
	"$about: exchange, kind, verdict, and the next command",
	{ timeout: 90_000 },
	async ({ index, ...fault }) => {
		const records = await recordsOf(index, fault);
		const { chosen } = divergentExchanges(records);
		const record = records.find(({ number }) => number === chosen);
		const { first } = record ? explain(record, undefined, usualFigures(records)) : { first: undefined };
		const turn = fault.turn ?? FAULTY_TURN;
		const place = { session: "last", number: turn, profile: record?.profile ?? "" };
		const next = first && nextCommand(first.rule, place);
		expect({ exchange: chosen, kind: first?.kind, verdict: first?.rule?.verdict, next }).toEqual({
			exchange: turn,
			kind: fault.kind,
			verdict: fault.verdict,
			next: expect.stringMatching(fault.next),
		});
	},
);

test("docs/tracing.md lists the faults", () => {
	const page = new URL("../../docs/tracing.md", import.meta.url);
	const text = readFileSync(page, "utf8");
	const cells = FAULTS.map(({ about, kind, verdict }) => [about, `\`${kind}\``, verdict]);
	const titles = ["fault", "kind", "verdict"];
	const widths = titles.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
	const line = (row: readonly string[]) =>
		`| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
	const rows = [line(titles), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)];
	const [start, end] = ["<!-- made by `npm run docs` from test/support/faults.ts -->\n", "<!-- end -->"];
	const before = text.slice(0, text.indexOf(start) + start.length);
	const generated = `${before}\n${rows.join("\n")}\n\n${text.slice(text.indexOf(end))}`;
	if (process.env["UPDATE_DOCS"] === "1") writeFileSync(page, generated);
	else expect(text, "out of date: `npm run docs` writes it").toBe(generated);
	expect(FAULTS.length).toBeGreaterThanOrEqual(40);
});
