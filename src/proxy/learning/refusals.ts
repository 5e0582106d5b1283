import { asObject, isObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { Refusal } from "../../upstream/failures/refusal.ts";
import type { RefusalFact } from "./facts.ts";
import type { SentRequest } from "./output-limits.ts";
import { factOfImage } from "./refused-images.ts";
import { withoutParameter } from "./refused-parameters.ts";
import { factOfPart, factOfQuotedTool, factOfTool } from "./refused-parts.ts";
import { factOfSchema } from "./refused-schemas.ts";
import { type BodyPath, CONVERSATION, fold, SentFields } from "./sent-fields.ts";

/** What to change in a refused request; undefined when nothing can be left out without changing what the user asked for. */
export function factOf(failure: Failure, target: Target, sent: SentRequest): RefusalFact | undefined {
	const { parameter } = failure;
	const named = failure.refusal ?? (parameter === undefined ? undefined : { paths: [parameter.split(".")] });
	const exact = factOfImage(failure, sent.body) ?? factOfSchema(failure, target, sent);
	if (exact) return exact;
	const fields = new SentFields(sent.body);
	return (
		(named && factOfNamed(named, failure, target, sent, fields)) ??
		factOfQuotedTool(failure.message, sent) ??
		factOfMention(failure.message, target, fields)
	);
}

function factOfNamed(
	named: Refusal,
	{ message }: Failure,
	target: Target,
	sent: SentRequest,
	fields: SentFields,
): RefusalFact | undefined {
	// "adaptive thinking is not supported on this model" says nothing about thinking with a budget.
	const isAdaptive = named.value === undefined && /\badaptive\b/i.test(message);
	// "Thinking may not be enabled when tool_choice forces tool use": thinking is worth more than the choice.
	const isChoice = /\btool_?choice\b/i.test(message) && named.paths.some(([name]) => name === "thinking");
	const refusal = { ...named, ...(isAdaptive && { value: "adaptive" }), ...(isChoice && { paths: [["tool_choice"]] }) };
	return (
		factOfPart(refusal, target, sent) ??
		factOfFields(refusal, target, fields) ??
		factOfTool(refusal, sent) ??
		factOfValue(refusal, target, fields)
	);
}

function factOfFields(refusal: Refusal, target: Target, fields: SentFields): RefusalFact | undefined {
	const found = refusal.paths
		.flatMap((path) => fields.find(path))
		.concat(refusal.paths.flatMap((path) => fields.findAliases(path)));
	return merge(unique(found).flatMap((path) => changeOf(path, refusal, target, fields) ?? []));
}

/** An error that mentions more fields than this quotes the request. */
const MAX_MENTIONS = 2;

/**
 * The last resort, for messages in words that no reader knows: "tool_choice 'specified' is incompatible with thinking
 * enabled" (Kimi).
 */
function factOfMention(message: string, target: Target, fields: SentFields): RefusalFact | undefined {
	const mentioned = fields.mentionedIn(message).filter((path) => isOptional(path, target));
	if (mentioned.length > MAX_MENTIONS) return undefined;
	return merge(mentioned.flatMap((path) => changeOf(path, { paths: [] }, target, fields) ?? []));
}

/** A value without its field: `'max' is not one of ['low', 'high']`. */
function factOfValue(refusal: Refusal, target: Target, fields: SentFields): RefusalFact | undefined {
	if (refusal.value === undefined) return undefined;
	const found = fields.withValue(refusal.value);
	return merge(found.flatMap((path) => changeOf(path, refusal, target, fields) ?? []));
}

/** One change of the body, or of the quirks where the encoder has a better form than leaving the field out. */
function changeOf(path: BodyPath, refusal: Refusal, target: Target, fields: SentFields): RefusalFact | undefined {
	if (!isOptional(path, target)) return undefined;
	const name = path.join(".");
	const value = fields.valueAt(path);
	const bounded = withinBounds(path, value, refusal);
	if (bounded) return bounded;
	const nearest = nearestOf(value, refusal.allowed ?? []);
	if (nearest !== undefined && typeof value === "string" && !/^tool_?(?:choice|config)/i.test(name)) {
		const thinking = thinkingType(name, value, target);
		if (thinking) return thinking;
		const edits = [{ path: [...path], replace: { from: value, to: nearest } }];
		return { edits, done: `with ${name} ${nearest}`, fields: [name] };
	}
	const otherwise = encodedOtherwise(path, value, refusal, target);
	if (otherwise) return otherwise;
	return { ...remove(path), ...(withoutParameter(target, name) && { refused: [name] }) };
}

/** A number within the bounds that the endpoint states. */
function withinBounds(path: BodyPath, value: unknown, { minimum, maximum }: Refusal): RefusalFact | undefined {
	if (typeof value !== "number") return undefined;
	const to = Math.min(Math.max(value, minimum ?? value), maximum ?? value);
	const name = path.join(".");
	return to === value
		? undefined
		: { edits: [{ path: [...path], minimum, maximum }], done: `with ${name} ${to}`, fields: [name] };
}

const EFFORTS = ["minimal", "low", "medium", "high", "xhigh", "max"];

/** The accepted value that is nearest to the refused one; undefined when there is none. */
function nearestOf(value: unknown, allowed: readonly string[]): string | undefined {
	if (typeof value !== "string" || allowed.length === 0 || allowed.includes(value)) return undefined;
	const same = allowed.find((one) => one.toLowerCase() === value.toLowerCase());
	if (same !== undefined) return same;
	const rank = EFFORTS.indexOf(value.toLowerCase());
	const distance = (one: string) => Math.abs(EFFORTS.indexOf(one.toLowerCase()) - rank);
	const isEffort = rank >= 0 || value === "none";
	// Of two that are as near, the cheaper one.
	const known = EFFORTS.flatMap((effort) => allowed.find((one) => isEffort && one.toLowerCase() === effort) ?? []);
	const [nearest] = known.toSorted((one, other) => distance(one) - distance(other));
	return nearest ?? allowed.find((one) => /^(?:auto|default)$/i.test(one));
}

/** The Messages API's forms of thinking have different fields: the encoder changes the form. */
function thinkingType(name: string, value: string, { dialect, quirks }: Target): RefusalFact | undefined {
	if (dialect !== "anthropic") return undefined;
	const type = quirks.thinkingTypes.find((one) => one === value);
	if (name !== "thinking.type" || type === undefined) return undefined;
	const thinkingTypes = quirks.thinkingTypes.filter((one) => one !== type);
	return { quirks: { thinkingTypes }, done: `without thinking.type ${type}`, fields: [name] };
}

/** What the encoder says in another form: a forced tool and an output format become an instruction. */
function encodedOtherwise(path: BodyPath, value: unknown, refusal: Refusal, target: Target): RefusalFact | undefined {
	const name = path.join(".");
	const { quirks } = target;
	if (/^tool_?(?:choice|config)\b/i.test(name)) {
		const toolChoice = weakerChoice(value, quirks, refusal.allowed ?? []);
		if (!toolChoice) return undefined;
		const weaker = { toolChoice, ...(quirks.toolChoiceWhileThinking && { toolChoiceWhileThinking: toolChoice }) };
		return { quirks: weaker, done: `without ${name} in this form`, fields: [name] };
	}
	if (target.dialect === "anthropic" && name === "thinking" && isObject(value)) {
		const { type } = value;
		// "… is not supported on this model: 'adaptive'": the other forms may be.
		if (type === "adaptive" && refusal.value === "adaptive") return thinkingType("thinking.type", "adaptive", target);
	}
	// Thinking with a budget requires one.
	if (target.dialect === "anthropic" && name === "thinking.budget_tokens") return remove(["thinking"]);
	if (name === "thinking.type" && typeof value === "string")
		return thinkingType(name, value, target) ?? remove(["thinking"]);
	if (!isFormat(name, value) || quirks.responseFormat === "instruction") return undefined;
	const isObjectAllowed = quirks.responseFormat === "json_schema" && refusal.allowed?.includes("json_object");
	const responseFormat = isObjectAllowed ? "json_object" : "instruction";
	const edits = /format|schema|mime/i.test(path.at(-1) ?? "") ? [] : [{ path: [...path] }];
	return { quirks: { responseFormat }, edits, done: `without ${name} in this form`, fields: [name] };
}

function remove(path: BodyPath): RefusalFact {
	const name = path.join(".");
	return { edits: [{ path: [...path] }], done: `without ${name}`, fields: [name] };
}

/** The field that holds the schema of a structured output, or an object around it. */
function isFormat(name: string, value: unknown): boolean {
	if (/^response_format(?:\.type|\.json_schema(?:\.schema)?)?$|^text\.format(?:\.type|\.schema)?$/.test(name))
		return true;
	if (/^output_config\.format\b|^generationConfig\.response(?:Json)?(?:Schema|MimeType)$/.test(name)) return true;
	return (name === "output_config" || name === "text") && asObject(value)["format"] !== undefined;
}

/** The next weaker form of `tool_choice`; undefined when it is not sent in any form already. */
function weakerChoice(
	value: unknown,
	{ toolChoice }: Quirks,
	allowed: readonly string[],
): Quirks["toolChoice"] | undefined {
	if (isObject(value) && toolChoice === "full" && allowed.includes("required")) return "strings";
	if (toolChoice === "unsupported") return undefined;
	const text = (typeof value === "string" ? value : JSON.stringify(value)).toLowerCase();
	const isForced = !/^"?(?:auto|none)"?$|"(?:type|mode)":"(?:auto|none)"/.test(text);
	return isForced && toolChoice !== "auto-none" ? "auto-none" : "unsupported";
}

/** Fields of messages, content blocks and tools that carry no part of what the user asked for. */
const OPTIONAL_PARTS = new Set(
	[
		"reasoning_content",
		"reasoning",
		"reasoning_details",
		"cache_control",
		"strict",
		"eager_input_streaming",
		"defer_loading",
		"input_examples",
		"allowed_callers",
		"extra_content",
		"thought_signature",
		"phase",
		"is_error",
		"citations",
		"status",
		"annotations",
		"detail",
		"prefix",
		"caller",
	].map(fold),
);

const REQUIRED = new Set(["model", "stream", "generationConfig"].map(fold));

/** Whether a field can be left out without changing what the user asked for. */
function isOptional(path: BodyPath, { dialect }: Target): boolean {
	const name = path[0] ?? "";
	// Gemini pairs calls and results by name and order if they have no ids.
	if (/\.function(?:Call|Response)\.id$/.test(path.join("."))) return true;
	if (CONVERSATION.has(fold(name))) return path.some((part) => OPTIONAL_PARTS.has(fold(part)));
	if (path.length === 1 && REQUIRED.has(fold(name))) return false;
	return !(dialect === "anthropic" && name === "max_tokens");
}

function merge(facts: readonly RefusalFact[]): RefusalFact | undefined {
	if (facts.length === 0) return undefined;
	const quirks: Partial<Quirks> = {};
	for (const fact of facts) Object.assign(quirks, fact.quirks);
	return {
		edits: facts.flatMap(({ edits = [] }) => edits),
		quirks,
		refused: facts.flatMap(({ refused = [] }) => refused),
		done: facts.map(({ done }) => done).join(", "),
		fields: facts.flatMap(({ fields = [] }) => fields),
	};
}

function unique(paths: readonly BodyPath[]): BodyPath[] {
	return [...new Map(paths.map((path) => [path.join("\n"), path])).values()];
}
