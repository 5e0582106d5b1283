import * as v from "valibot";
import { nearest } from "../../platform/nearest.ts";
import { docsPage } from "../../platform/package-root.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { type FieldPath, fieldName, type SourceDocument, unreadable } from "./parse-source.ts";

/** Problems of one file that are shown at once. */
const MAX_PROBLEMS = 10;

/**
 * Checks a parsed file against a schema. Throws one `UserError` that lists every problem as
 * `file:line: field: what is wrong, the allowed values`.
 */
export function validate<Schema extends v.GenericSchema>(
	schema: Schema,
	document: SourceDocument,
	prefix: FieldPath = [],
): v.InferOutput<Schema> {
	if (Array.isArray(document.value))
		throw unreadable(`${document.file}: this is a list, but fields with values are expected`);
	const result = v.safeParse(schema, document.value);
	if (result.success) return result.output;
	const problems = result.issues.map((issue) => describe(schema, issue, document, prefix));
	const shown = problems.slice(0, MAX_PROBLEMS);
	if (problems.length > shown.length) shown.push(`… and ${problems.length - shown.length} more`);
	throw new UserError(shown.join("\n"), {
		hint: `for every field of a profile and a config file see ${docsPage("profiles.md")}`,
		exitCode: EXIT.config,
	});
}

function describe(
	schema: v.GenericSchema,
	issue: v.BaseIssue<unknown>,
	document: SourceDocument,
	prefix: FieldPath,
): string {
	const path = [...prefix, ...(issue.path ?? []).map((item) => item.key as string | number)];
	const line = document.lineOf(path);
	const where = line === undefined ? document.file : `${document.file}:${line}`;
	const field = path.length > 0 ? `${fieldName(path)}: ` : "";
	// A key that was written as a number, for example, must not appear on the screen.
	const secret = path.some((part) => SECRET_FIELDS.has(String(part)));
	return `${where}: ${field}${problemOf(schema, issue, secret ? "the value in the file" : shown(issue.input))}`;
}

/** Fields whose values are not shown. */
const SECRET_FIELDS = new Set(["key", "keys", "apiKey", "headers", "auth"]);

function problemOf(schema: v.GenericSchema, issue: v.BaseIssue<unknown>, value: string): string {
	if (issue.type === "strict_object" && issue.expected === "never") return unknownField(schema, issue);
	if (issue.type === "strict_object" && issue.input === undefined) return "is missing";
	if (issue.type === "picklist") {
		const allowed = picks(issue.expected);
		const guess = typeof issue.input === "string" ? nearest(issue.input, allowed) : undefined;
		return `${value} is not allowed; allowed: ${allowed.join(", ")}${guess ? ` (did you mean ${guess}?)` : ""}`;
	}
	if (!issue.message.startsWith("Invalid type:")) return `${issue.message}, not ${value}`;
	const kind = KINDS[issue.expected ?? ""] ?? issue.expected;
	return `must be ${kind}, not ${value}`;
}

const KINDS: Readonly<Record<string, string>> = {
	string: "text",
	number: "a number",
	boolean: "true or false",
	Array: "a list",
	Object: "a group of fields",
};

/** The choices of a picklist, from valibot's `("a" | "b")`: an issue has no other form of them. */
function picks(expected: string | null): string[] {
	return [...(expected ?? "").matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
}

function unknownField(schema: v.GenericSchema, issue: v.BaseIssue<unknown>): string {
	const items = issue.path ?? [];
	const name = String(items.at(-1)?.key);
	const allowed = fieldsAt(schema, items.slice(0, -1), items.at(-1)?.input);
	const guess = nearest(name, allowed);
	if (guess) return `unknown field (did you mean ${guess}?); allowed: ${allowed.join(", ")}`;
	return allowed.length > 0 ? `unknown field; allowed: ${allowed.join(", ")}` : "unknown field";
}

interface SchemaShape {
	wrapped?: SchemaShape;
	entries?: Record<string, SchemaShape>;
	value?: SchemaShape;
	item?: SchemaShape;
	getter?: (input: unknown) => SchemaShape;
}

/** Names of the fields that the schema allows at a path. */
function fieldsAt(schema: v.GenericSchema, items: readonly v.IssuePathItem[], last: unknown): string[] {
	let shape: SchemaShape | undefined = schema as SchemaShape;
	for (const item of items) {
		shape = unwrap(shape, item.input);
		shape = shape?.entries?.[String(item.key)] ?? shape?.value ?? shape?.item;
	}
	return Object.keys(unwrap(shape, last)?.entries ?? {});
}

function unwrap(shape: SchemaShape | undefined, input: unknown): SchemaShape | undefined {
	let inner = shape;
	while (inner?.wrapped || inner?.getter) inner = inner.wrapped ?? inner.getter?.(input);
	return inner;
}

function shown(input: unknown): string {
	if (input === undefined) return "absent";
	// JSON has no text for a function, which a list in place of a group of fields has.
	const text = JSON.stringify(input) ?? typeof input;
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
