import { version } from "../../../package.json";
import type { Environment } from "../../platform/paths.ts";
import type { Profile } from "../../profile/model/profile.ts";
import { secretsOf } from "../../profile/model/secrets-of.ts";
import { otlpOptions } from "../otlp/options.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { InternalErrors } from "./internal-errors.ts";
import { meterRecorder } from "./meter.ts";
import { Redactor } from "./redact.ts";
import { newSessionId, sessionsFolder } from "./session-id.ts";
import { type SessionHead, SessionLog } from "./session-log.ts";
import { joinRecorders, type Recorder } from "./taps.ts";

export interface RecordingOptions {
	profile: Profile;
	/** Record every exchange in full. */
	trace: boolean;
	/** Keep the figures of every exchange in memory, for `summarise`. */
	summary?: boolean | undefined;
	environment: Environment;
	/** Reports that a record is incomplete. */
	warn: (text: string) => void;
}

/** The records of one session. */
export interface Recording {
	session: string;
	recorder: Recorder;
	/** The records so far, without texts and marks; empty without `summary`. */
	records: readonly ExchangeRecord[];
	append(record: ExchangeRecord): void;
	internalErrors: InternalErrors;
	/** Adds a secret that must not be written. */
	addSecret(secret: string): void;
	/** Waits until everything is on disk. Never throws: failures are passed to `warn`. */
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
		internalErrors: new InternalErrors(folder, head, redactor),
		append(record) {
			if (summary) records.push(figuresOf(record));
			log.append(record);
			exporter?.append(record);
		},
		addSecret: (secret) => redactor.add(secret),
		async close() {
			for (const failure of [await log.close(), await full?.close(), await exporter?.close()]) {
				if (failure) warn(`the record of session ${head.session} is not complete: ${failure.message}`);
			}
		},
	};
}

/** What a summary needs. Without texts, so that the memory of a session of days stays small. */
function figuresOf({ marks: _marks, ...record }: ExchangeRecord): ExchangeRecord {
	const divergences = record.divergences.map(({ kind, where }) => ({ kind, where, seen: "", done: "" }));
	return { ...record, divergences };
}

/** Full traces are loaded on request only. */
async function openTrace(folder: string, session: string, redactor: Redactor) {
	const { TraceThread } = await import("./trace-thread.ts");
	return new TraceThread(folder, session, redactor);
}

/** The exporter is loaded only when a collector is configured. */
async function openExporter(environment: Environment, head: SessionHead, redactor: Redactor) {
	const options = otlpOptions(environment);
	if (!options) return undefined;
	for (const value of Object.values(options.headers)) redactor.add(value);
	const { OtlpExporter } = await import("../otlp/exporter.ts");
	return new OtlpExporter(options, head, redactor);
}
