import { counted, duration } from "../../../platform/figures.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { EXIT, UserError } from "../../../platform/user-error.ts";
import { collectEvents } from "../../../protocol/message-events.ts";
import { contentBlocks } from "../../../protocol/messages.ts";
import { usualFigures } from "../../../trace/explain/figures.ts";
import { usageTexts } from "../../../trace/record/cost.ts";
import { type ExchangeRecord, prefixText } from "../../../trace/record/exchange-record.ts";
import { sessionsFolder } from "../../../trace/record/session-id.ts";
import type { StoredExchange } from "../../../trace/store/read-store.ts";
import { findSession, readSession, readTrace, type SessionRecords } from "../../../trace/store/sessions.ts";
import { print, printJson, warn } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import { fitted, table } from "../../ui/table.ts";
import { EXCHANGE_TITLES, exchangeRow, LESS_NEEDED } from "./lines.ts";

/** The exchange that was named on the command line. */
export interface ChosenExchange {
	folder: string;
	session: SessionRecords;
	record: ExchangeRecord;
	stored: StoredExchange | undefined;
}

/** Prints the exchanges of a session, or one exchange. */
export async function showTrace(name: string, number: string | undefined, { json }: { json?: boolean }): Promise<void> {
	if (number === undefined) {
		const folder = sessionsFolder(processEnvironment());
		const { records, unreadable } = await readSession(folder, await findSession(folder, name));
		if (unreadable > 0) warn(`${counted(unreadable, "line")} of the record cannot be read`);
		if (json) printJson(records);
		else {
			const usual = usualFigures(records);
			const rows = [EXCHANGE_TITLES.map(style.heading), ...records.map((record) => exchangeRow(record, usual))];
			print(table(fitted(rows, LESS_NEEDED, process.stdout.columns)));
		}
		return;
	}
	const { record, stored } = await chooseExchange(name, number);
	if (json) printJson({ record, ...(stored && bodiesOf(stored)) });
	else print(describeExchange(record, stored));
}

/** Finds session and exchange. Throws a `UserError` that says which exchanges exist. */
export async function chooseExchange(name: string, number: string): Promise<ChosenExchange> {
	const folder = sessionsFolder(processEnvironment());
	const id = await findSession(folder, name);
	const session = await readSession(folder, id);
	const record = session.records.find((candidate) => String(candidate.number) === number);
	if (!record) {
		const numbers = session.records.map((candidate) => candidate.number);
		const range = numbers.length > 0 ? `${numbers[0]} to ${numbers.at(-1)}` : "none";
		throw new UserError(`session ${id} has no exchange ${number}, it has ${range}`, {
			hint: `cc-any trace show ${id}`,
			exitCode: EXIT.usage,
		});
	}
	return { folder, session, record, stored: await readTrace(folder, id, record.number) };
}

function bodiesOf({ request, attempts }: StoredExchange): object {
	const withText = attempts.map(({ reply, ...attempt }) => ({ ...attempt, reply: reply?.bytes.toString("utf8") }));
	return { request, attempts: withText };
}

export function describeExchange(record: ExchangeRecord, stored: StoredExchange | undefined): string {
	const sections: [title: string, lines: string[]][] = [
		[`exchange ${record.number}`, figures(record)],
		["divergences", record.divergences.map(({ kind, where, seen, done }) => `${kind} at ${where}: ${seen} → ${done}`)],
	];
	if (stored) sections.push(["request", requestLines(stored)], ["reply", replyLines(stored)]);
	else sections.push(["bodies", ["not recorded; --trace or CC_ANY_TRACE=1 records them"]]);
	const shown = sections.filter(([, lines]) => lines.length > 0);
	const text = shown.map(([title, lines]) => [style.heading(title), ...lines.map((line) => `  ${line}`)].join("\n"));
	return `${text.join("\n\n")}\n`;
}

function figures(record: ExchangeRecord): string[] {
	const { firstToken, sentAt, headersAt, tokensPerSecond, burstiness, prefixBreak, limits = {} } = record;
	const times = [
		sentAt !== undefined && `sent after ${duration(sentAt)}`,
		headersAt !== undefined && `headers after ${duration(headersAt)}`,
		firstToken !== undefined && `first content after ${duration(firstToken)}`,
		`${duration(record.duration)} in total`,
	];
	const pace = [
		tokensPerSecond !== undefined && `${tokensPerSecond} tokens/s`,
		burstiness !== undefined && `burstiness ${burstiness} (0 steady, 1 random, above: bursts)`,
	];
	const { input, cached, output, cost } = usageTexts(record);
	const attempts = record.attempts === 1 ? "" : `, ${record.attempts} attempts`;
	return [
		`${record.purpose}: ${record.requestedModel} requested, ${record.profile}/${record.servedModel} served${attempts}`,
		`status ${record.status}, stop reason ${record.stopReason ?? "none"}`,
		times.filter(Boolean).join(", "),
		pace.filter(Boolean).join(", "),
		`tokens: ${input} in (${cached} cached), ${output} out; cost ${cost}`,
		Object.entries(limits)
			.map(([name, value]) => `${name} ${value}`)
			.join(", "),
		record.tools.length > 0 ? `called ${record.tools.join(", ")}` : "",
		prefixBreak ? `prefix ${prefixText(prefixBreak)}` : "",
		record.failure ?? "",
	].filter((line) => line !== "");
}

function requestLines({ request }: StoredExchange): string[] {
	const system = contentBlocks(request.system).map((block) => blockLine(block as Block));
	const messages = request.messages.flatMap((message, index) =>
		contentBlocks(message.content).map((block) => `[${index}] ${message.role}: ${blockLine(block as Block)}`),
	);
	const hidden = messages.length - MAX_BLOCKS;
	return [
		`max_tokens ${request.max_tokens}, ${counted(request.tools?.length ?? 0, "tool")}`,
		...system.map((line) => `system: ${line}`),
		...(hidden > 0 ? [`… ${hidden} blocks before`] : []),
		...messages.slice(-MAX_BLOCKS),
	];
}

/** The latest blocks of the conversation that are printed. */
const MAX_BLOCKS = 12;

function replyLines({ attempts }: StoredExchange): string[] {
	const attempt = attempts.at(-1);
	const message = attempt && collectEvents(attempt.events);
	const failure = attempt?.failure === undefined ? [] : [style.error(oneLine(attempt.failure, 400))];
	return [...(message?.content ?? []).map((block) => blockLine(block as Block, 2000)), ...failure];
}

type Block = { type: string; [field: string]: unknown };

function blockLine(block: Block, length = 160): string {
	const { type, text, thinking, name, input, content } = block;
	if (type === "text") return oneLine(String(text), length);
	if (type === "thinking") return style.faint(`(thinking) ${oneLine(String(thinking), length)}`);
	if (type === "tool_use") return `${style.hint(String(name))} ${oneLine(JSON.stringify(input), length)}`;
	if (type === "tool_result")
		return `(result) ${oneLine(typeof content === "string" ? content : JSON.stringify(content), length)}`;
	return `(${type})`;
}

function oneLine(text: string, length: number): string {
	const line = text.replace(/\s+/g, " ").trim();
	return line.length > length ? `${line.slice(0, length)}… (${text.length} characters)` : line;
}
