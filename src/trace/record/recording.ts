import { setImmediate as nextTurn } from "node:timers/promises";
import { version } from "../../../package.json";
import type { Environment } from "../../platform/paths.ts";
import type { Profile } from "../../profile/model/profile.ts";
import { secretsOf } from "../../profile/model/profile.ts";
import { otlpOptions } from "../otlp/options.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { meterRecorder } from "./meter.ts";
import { Redactor } from "./redact.ts";
import { newSessionId, sessionsFolder } from "./session-id.ts";
import { type SessionHead, SessionLog } from "./session-log.ts";
import { joinRecorders, type Recorder } from "./taps.ts";

export interface RecordingOptions {
	profile: Profile;
	/** Every exchange in full. */
	trace: boolean;
	/** Keep the figures of every exchange in memory, for `summarise`. */
	summary?: boolean | undefined;
	environment: Environment;
	/** Reports that a record is incomplete. */
	warn: (text: string) => void;
}

/** What one session leaves behind. */
export interface Recording {
	session: string;
	recorder: Recorder;
	/** The records so far, without texts and marks; empty unless a summary is wanted. */
	records: readonly ExchangeRecord[];
	append(record: ExchangeRecord): void;
	/** One more secret that must not be written. */
	addSecret(secret: string): void;
	/** Waits until everything is on the disk. Never throws: what could not be written is told. */
	close(): Promise<void>;
}

/** Opens the records of a session. Nothing is written before the first exchange. */
export async function openRecording(options: RecordingOptions): Promise<Recording> {
	const { profile, trace, summary, environment, warn } = options;
	const folder = sessionsFolder(environment);
	const redactor = new Redactor(secretsOf(profile), profile.redact);
	const head: SessionHead = {
		session: newSessionId(),
		startedAt: Date.now(),
		profile: profile.name,
		version,
		directory: process.cwd(),
		pid: process.pid,
		traced: trace,
	};
	const log = new SessionLog(folder, head, redactor);
	const full = trace ? await openTrace(folder, head.session, redactor) : undefined;
	const exporter = await openExporter(environment, head, redactor);
	const recorders = [meterRecorder(), full?.recorder, exporter?.recorder];
	const records: ExchangeRecord[] = [];
	return {
		session: head.session,
		recorder: joinRecorders(recorders.filter((recorder) => recorder !== undefined)),
		records,
		append(record) {
			if (summary) records.push(figuresOf(record));
			log.append(record);
			exporter?.append(record);
		},
		addSecret: (secret) => redactor.add(secret),
		async close() {
			// Exchanges that the end of the proxy has aborted are told in the next turn.
			await nextTurn();
			for (const failure of [await log.close(), await full?.close(), await exporter?.close()]) {
				if (failure) warn(`the record of session ${head.session} is not complete: ${failure.message}`);
			}
		},
	};
}

/** What a summary needs: a session of days must not grow by every text of a provider's errors. */
function figuresOf({ marks: _marks, ...record }: ExchangeRecord): ExchangeRecord {
	const divergences = record.divergences.map(({ kind, where }) => ({ kind, where, seen: "", done: "" }));
	return { ...record, divergences };
}

/** Full traces are loaded only where they are asked for. */
async function openTrace(folder: string, session: string, redactor: Redactor) {
	const { TraceThread } = await import("./trace-thread.ts");
	return new TraceThread(folder, session, redactor);
}

/** OpenTelemetry is loaded only where a collector is named. */
async function openExporter(environment: Environment, head: SessionHead, redactor: Redactor) {
	const options = otlpOptions(environment);
	if (!options) return undefined;
	for (const value of Object.values(options.headers)) redactor.add(value);
	const { OtlpExporter } = await import("../otlp/exporter.ts");
	return new OtlpExporter(options, head, redactor);
}
