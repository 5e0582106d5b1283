import { expect, test } from "vitest";
import { type ChatMessage, ScriptedProvider, violationsOf } from "../support/scripted-provider.ts";

const call = (id: string, name = "Bash", json = "{}") => ({
	id,
	type: "function" as const,
	function: { name, arguments: json },
});
const calls = (...list: ReturnType<typeof call>[]): ChatMessage => ({ role: "assistant", tool_calls: list });
const result = (id: string): ChatMessage => ({ role: "tool", tool_call_id: id, content: "ok" });
const user: ChatMessage = { role: "user", content: "hi" };

/** The other tests rely on the scripted provider as judge, so it must detect every kind of damage. */
test.each<[about: string, messages: ChatMessage[], violation: string | undefined]>([
	["a clean history", [user, calls(call("a"), call("b")), result("b"), result("a"), user], undefined],
	["a result without a call", [user, result("a")], "the result a has no call"],
	["a result twice", [calls(call("a")), result("a"), result("a")], "the result a has no call"],
	["a result too late", [calls(call("a")), user, result("a")], "calls without result before it: a"],
	["a call without a result", [user, calls(call("a"), call("b")), result("a")], "the last calls have no result: b"],
	["a call without a name", [calls(call("a", "")), result("a")], "a call has no name"],
	["an id used twice", [calls(call("a")), result("a"), calls(call("a")), result("a")], "the id a is used twice"],
	["damaged arguments", [calls(call("a", "Bash", "{")), result("a")], "the arguments of a are no JSON"],
])("%s", (_about, messages, violation) => {
	const found = violationsOf({ model: "m", messages });
	if (violation === undefined) expect(found).toEqual([]);
	else expect(found.join("\n")).toContain(violation);
});

test("a wrong key makes `close` throw", async () => {
	const provider = await ScriptedProvider.start(() => ({ text: "hi" }), "the-key");
	const headers = { authorization: "Bearer the-proxy-token", "content-type": "application/json" };
	const body = JSON.stringify({ model: "m", messages: [user] });
	const response = await fetch(`${provider.baseUrl}/chat/completions`, { method: "POST", headers, body });
	expect(response.status).toBe(200);
	await expect(provider.close()).rejects.toThrow("authorization is Bearer the-proxy-token");
});
