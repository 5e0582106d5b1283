import { assistant, call, question, result, user } from "../../materials/conversation.ts";
import { READ } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

const RIGHT = "/repo/config/settings.json";

export const callAfterError: Probe = {
	name: "call-after-error",
	claim: "a call that failed is followed by a better one",
	weight: 3,
	async run(ask) {
		const history = [
			user("Read the settings file, /repo/settings.json. If it is not there, read it where it is."),
			assistant([call("toolu_error_1", "Read", { file_path: "/repo/settings.json" })]),
			user([result("toolu_error_1", `File does not exist. The settings file is ${RIGHT}`, true)]),
		];
		return judgeCalls(await ask(question(history)), { tool: READ, input: { file_path: RIGHT } });
	},
};
