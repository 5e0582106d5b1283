import { expect, test } from "vitest";
import { checkWith, keepStateApart } from "../support/check-provider.ts";
import { readReply } from "../support/fixture.ts";
import type { ChatRequest, ScriptedReply } from "../support/scripted-provider.ts";

keepStateApart();

const WINDOW = 65_536;

function recording(name: string): ScriptedReply {
	return { body: readReply(`openai-chat/${name}`) };
}

const failure = (status: number, error: object): ScriptedReply => ({ status, body: JSON.stringify({ error }) });

/** Bytes of a real llama-server, whatever was asked: its toy model knew nothing of these questions. */
function recorded(request: ChatRequest): ScriptedReply {
	const text = JSON.stringify(request);
	if (text.length > 4 * WINDOW) {
		const message = `request (150010 tokens) exceeds the available context size (${WINDOW} tokens), try increasing it`;
		return failure(400, {
			code: 400,
			message,
			type: "exceed_context_size_error",
			n_prompt_tokens: 150_010,
			n_ctx: WINDOW,
		});
	}
	if (text.includes('"image_url"')) {
		const message = "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj";
		return failure(500, { code: 500, message, type: "server_error" });
	}
	if (request["stop"]) return recording("recorded-stop-string");
	return recording(request.tools?.length ? "recorded-tool-calls" : "recorded-cached-usage");
}

test("recordings of a llama-server: its wire is read whole, its toy model fails, its overflow is understood", async () => {
	const model = { id: "test-model", contextWindow: WINDOW, maxOutput: 4096, vision: true, thinking: "none" as const };
	const only = ["single-call", "parallel-calls", "no-tool-needed", "image", "first-token", "overflow"];
	const { score } = await checkWith((_reply, request) => recorded(request), {
		only,
		runs: 3,
		profile: { models: { "test-model": model } },
	});
	const shares = Object.fromEntries(score.probes.map(({ name, repaired }) => [name, repaired.share]));
	expect(shares).toEqual({
		...{ "single-call": 0, "parallel-calls": 0, "no-tool-needed": 0, image: 0 },
		...{ "first-token": 1, overflow: 1 },
	});
	const detailOf = (name: string) => score.probes.find((probe) => probe.name === name)?.detail;
	// Two calls came unasked, both read from single characters.
	expect(detailOf("single-call")).toBe("1 call expected, made: Bash, Bash");
	// The server refuses the image: the model reads a note in its place, and answers without having seen it.
	expect(detailOf("image")).toContain("The result is shown above.");
	expect(detailOf("overflow")).toContain(`150010 tokens > ${WINDOW} maximum`);
	expect(score.findings.filter(({ type }) => type === "outage")).toEqual([]);
	expect(score.grade).toBe("F");
});
