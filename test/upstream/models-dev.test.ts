import { expect, test } from "vitest";
import { modelsOfProvider } from "../../src/upstream/http/models-dev.ts";

const model = (fields: object) => modelsOfProvider({ id: "p", models: { m: fields } })["m"];

test("a model of the catalogue, with every field", () => {
	const fields = {
		name: "Model M",
		reasoning: false,
		modalities: { input: ["text", "image"] },
		limit: { context: 200_000, output: 8192 },
		cost: { input: 0.5, output: 2, cache_read: 0.05, cache_write: 0.6 },
	};
	expect(model(fields)).toEqual({
		title: "Model M",
		contextWindow: 200_000,
		maxOutput: 8192,
		vision: true,
		thinking: "none",
		price: { input: 0.5, output: 2, cacheRead: 0.05, cacheWrite: 0.6 },
	});
});

test.each([
	["nothing", {}, {}],
	["a free model", { cost: { input: 0, output: 0 } }, { price: { input: 0, output: 0 } }],
	["a negative price", { cost: { input: -1, output: 0.1 } }, { price: { output: 0.1 } }],
	["no price at all", { cost: { input: "1" } }, {}],
	["limits of one token and of none", { limit: { context: 1, output: 0 } }, { contextWindow: 1 }],
	["limits that are no numbers of tokens", { limit: { context: 1.5, output: "8192" } }, {}],
	["a model that reasons", { reasoning: true }, {}],
	["text alone", { modalities: { input: ["text"] } }, { vision: false }],
	["modalities of another form", { modalities: { input: "image" } }, {}],
	["a name with a control character", { name: "a\u001b[2Jb" }, {}],
	["a name that is no text", { name: 3 }, {}],
])("%s", (_name, fields, expected) => {
	expect(model(fields)).toEqual(expected);
});

test("a model id with a control character is left out", () => {
	expect(Object.keys(modelsOfProvider({ id: "p", models: { "a\nb": {}, c: {} } }))).toEqual(["c"]);
	expect(modelsOfProvider({ id: "p" })).toEqual({});
});
