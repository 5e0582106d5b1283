import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../../../package.json";
import { UserError } from "../../platform/user-error.ts";
import type { DialectName } from "../../profile/model/quirks.ts";
import { type Replayed, replayCodec } from "../explain/replay.ts";
import { caseOfBundle } from "../fixture/case-of-bundle.ts";
import { targetFile } from "../record/capture.ts";
import { Redactor } from "../record/redact.ts";
import { redactStream } from "../record/redact-sequence.ts";
import type { StoredAttempt, StoredExchange } from "./read-store.ts";

/**
 * Writes one exchange as a self-contained bundle in the format of a test fixture. The golden files are made by the codecs
 * of this version; what was really sent and delivered is in further files. Secrets were removed when it was recorded.
 */
export async function exportExchange(stored: StoredExchange, folder: string): Promise<string[]> {
	const attempt = stored.attempts.at(-1);
	if (!attempt) throw new UserError("this exchange was never sent, so there is nothing to export");
	await mkdir(folder, { recursive: true });
	if ((await readdir(folder)).length > 0) {
		throw new UserError(`${folder} is not empty`, { hint: "name a new folder" });
	}
	const replayed = await replayCodec(stored.request, attempt.target, attempt);
	const files = cleaned({ ...fixtureFiles(stored, attempt, replayed), ...recordedFiles(stored, attempt, replayed) });
	await Promise.all([...files].map(([name, content]) => writeFile(join(folder, name), content, { mode: 0o600 })));
	return [...files.keys()].sort();
}

/** One exchange as the text of a test fixture. */
export async function fixtureOfExchange(stored: StoredExchange): Promise<{ dialect: DialectName; text: string }> {
	const attempt = stored.attempts.at(-1);
	if (!attempt) throw new UserError("this exchange was never sent, so it makes no fixture");
	const replayed = await replayCodec(stored.request, attempt.target, attempt);
	const files = cleaned(fixtureFiles(stored, attempt, replayed));
	const { dialect } = attempt.target;
	return { dialect, text: caseOfBundle((name) => files.get(name), dialect).format() };
}

type Files = Record<string, string | Buffer | undefined>;

/** The files that exist, without secrets: an older version, which knew fewer of them, may have recorded the exchange. */
function cleaned(files: Files): Map<string, Buffer> {
	const redactor = new Redactor();
	const clean = (file: string | Buffer) =>
		typeof file === "string" ? Buffer.from(redactor.text(file)) : redactStream(file, redactor);
	return new Map(Object.entries(files).flatMap(([name, file]) => (file === undefined ? [] : [[name, clean(file)]])));
}

/** What the fixtures of test/dialects hold. */
function fixtureFiles({ request }: StoredExchange, attempt: StoredAttempt, replayed: Replayed): Files {
	const { reply, betas } = attempt;
	const { limits: _limits, ...target } = targetFile(attempt.target);
	const decoded = reply !== undefined;
	return {
		"about.md": about(attempt),
		"request.json": pretty(request),
		"target.json": pretty({ ...target, ...(betas.length > 0 && { betas }) }),
		"upstream-request.json": pretty(requestFile(replayed)),
		"request-divergences.json": some(replayed.requestDivergences),
		[reply?.isStream ? "upstream.sse" : "upstream.json"]: reply?.bytes,
		"events.jsonl": decoded ? lines(replayed.events) : undefined,
		"message.json": decoded && !replayed.failure ? pretty(replayed.message) : undefined,
		"failure.json": replayed.failure && pretty(replayed.failure),
		"divergences.json": some(replayed.divergences),
	};
}

/** What was recorded. */
function recordedFiles({ record }: StoredExchange, attempt: StoredAttempt, replayed: Replayed): Files {
	const { outgoing, inputs, head, failure, reads, eventReads, events } = attempt;
	const isSame = outgoing && JSON.stringify(outgoing.body) === JSON.stringify(replayed.outgoing.body);
	return {
		"record.json": record && pretty(record),
		"sent-request.json": outgoing && !isSame ? pretty(outgoing) : undefined,
		"inputs.json": Object.keys(inputs).length > 0 ? pretty(inputs) : undefined,
		"upstream.head.json": head && pretty(head),
		"upstream-failure.txt": failure,
		"frames.json": JSON.stringify({ reads, events: eventReads }),
		"delivered.jsonl": lines(events),
	};
}

function about({ target, failure }: StoredAttempt): string {
	const outcome = failure === undefined ? "" : ", which failed";
	return [
		`recorded by cc-any ${version}: ${target.profile}/${target.model} over ${target.dialect}${outcome}.`,
		"",
		"Secrets were removed when it was recorded. Prompt and reply are complete: read them before you share this folder.",
		"",
	].join("\n");
}

function requestFile({ outgoing: { path, headers, body, toolNames } }: Replayed): object {
	return { path, headers, body, ...(toolNames.size > 0 && { toolNames: Object.fromEntries(toolNames) }) };
}

function some(divergences: readonly unknown[]): string | undefined {
	return divergences.length > 0 ? pretty(divergences) : undefined;
}

function lines(values: readonly unknown[]): string {
	return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

function pretty(value: unknown): string {
	return `${JSON.stringify(value, null, "\t")}\n`;
}
