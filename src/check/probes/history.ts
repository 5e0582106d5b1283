import type { MessageParam } from "../../protocol/messages.ts";
import { assistant, call, question, result, user } from "../materials/conversation.ts";
import { READ } from "../materials/tools.ts";
import type { Probe } from "../probe.ts";
import { judgeCalls, judgeText } from "../run/judge.ts";

const SETTINGS_PATH = "/repo/config/settings.json";

export const callAfterError: Probe = {
	name: "call-after-error",
	claim: "after a call that failed, the model makes a better one",
	weight: 3,
	async run(ask) {
		const history = [
			user("Read the settings file, /repo/settings.json. If it is not there, read it where it is."),
			assistant([call("toolu_error_1", "Read", { file_path: "/repo/settings.json" })]),
			user([result("toolu_error_1", `File does not exist. The settings file is ${SETTINGS_PATH}`, true)]),
		];
		return judgeCalls(await ask(question(history)), { tool: READ, input: { file_path: SETTINGS_PATH } });
	},
};

export const resultPairing: Probe = {
	name: "result-pairing",
	claim: "results are matched to calls by id, not by order",
	weight: 3,
	async run(ask) {
		const history = [
			user("Read /repo/left.txt and /repo/right.txt. Then say which word the left one holds, that word alone."),
			assistant([
				call("toolu_pair_left", "Read", { file_path: "/repo/left.txt" }),
				call("toolu_pair_right", "Read", { file_path: "/repo/right.txt" }),
			]),
			user([result("toolu_pair_right", "marigold"), result("toolu_pair_left", "juniper")]),
		];
		return judgeText(await ask(question(history)), /juniper/i, /marigold/i);
	},
};

const TURNS = 30;

/** Turns with one call each. The third result holds what is asked for at the end. */
function history(): MessageParam[] {
	return Array.from({ length: TURNS }, (_, index) => index + 1).flatMap((step) => {
		const id = `toolu_history_${step}`;
		const output = step === 3 ? "step 3: the code word is osprey" : `step ${step}: nothing to report`;
		return [
			user(`Run step ${step}.`),
			assistant([call(id, "Bash", { command: `./step ${step}` })]),
			user([result(id, output)]),
			assistant(`Step ${step} is done.`),
		];
	});
}

export const longHistory: Probe = {
	name: "long-history",
	claim: "a history of 30 turns with calls is accepted and read",
	weight: 3,
	async run(ask) {
		const messages = [...history(), user("Which code word did step 3 print? Answer with the word alone.")];
		return judgeText(await ask(question(messages)), /osprey/i);
	},
};

export const systemInPlace: Probe = {
	name: "system-in-place",
	claim: "a system message in the middle of the history is followed",
	weight: 2,
	async run(ask) {
		const messages = [
			user("Good morning."),
			assistant("Good morning."),
			{ role: "system" as const, content: "From now on every answer ends with the word HERON." },
			user("What is the capital of France?"),
		];
		return judgeText(await ask(question(messages)), /Paris[\s\S]{0,2000}HERON/);
	},
};
