// What the provider does in each cell, and how many clients meet it.
import { chance } from "./provider.mjs";

const SECOND = 1000;

/** `decide` is made anew for each arm of each run; `seed` is the same for both arms. */
export function cellsFor(seconds) {
	return [
		...[5, 10, 20, 40].flatMap((percent) => [1, 4, 8].map((clients) => random(percent, clients, seconds))),
		...[4, 8].map((clients) => blip(clients, seconds)),
		...[4, 8].map((clients) => poison(clients, seconds)),
		...[1, 6].map((clients) => outage(clients, seconds)),
		bucket("without Retry-After", {}, seconds),
		bucket("with Retry-After 1", { "retry-after": "1" }, seconds),
		bursts("1 to 3 s", 2, 20, seconds),
		retryAfter(),
		slow(),
		bursts("0.3 to 0.8 s", 0.5, 20, seconds),
		bursts("2 to 8 s", 5, 30, seconds),
		...[5, 20].map((percent) => refusals(percent, "without Retry-After", {}, seconds)),
		...[5, 20].map((percent) => refusals(percent, "with Retry-After 2", { "retry-after": "2" }, seconds)),
		recovery(seconds),
		usedUp(seconds),
	];
}

function random(percent, clients, seconds) {
	const decide = (seed) => (request) => ({
		status: chance(`${seed} ${request.task} ${request.attempt}`) < percent / 100 ? 500 : 200,
	});
	return {
		name: `${percent} % random 500s, ${clients} ${clients === 1 ? "client" : "clients"}`,
		group: "random",
		clients,
		seconds,
		decide,
	};
}

function blip(clients, seconds) {
	const at = seconds / 4;
	return {
		name: `blip of 300 ms, ${clients} clients`,
		group: "incidents",
		clients,
		seconds,
		decide: () => () => ({ status: 200 }),
		cuts: [at, 3 * at],
	};
}

function poison(clients, seconds) {
	const decide =
		() =>
		({ task }) => ({ status: task.includes("poison") ? 500 : 200 });
	return {
		name: `one poisonous request, ${clients} healthy clients`,
		group: "incidents",
		clients,
		seconds,
		decide,
		poison: true,
	};
}

function outage(clients, seconds) {
	const [from, to] = [15 * SECOND, 75 * SECOND];
	const decide =
		() =>
		({ at }) => ({ status: at >= from && at < to ? 503 : 200 });
	return {
		name: `outage of 60 s, ${clients} ${clients === 1 ? "client" : "clients"}`,
		group: "incidents",
		clients,
		seconds: Math.max(seconds, 150),
		decide,
		outage: [from, to],
	};
}

function bucket(name, headers, seconds) {
	const decide = () => {
		let [level, last] = [5, 0];
		return ({ at }) => {
			level = Math.min(5, level + ((at - last) * 2) / SECOND);
			last = at;
			if (level < 1) return { status: 429, headers };
			level--;
			return { status: 200 };
		};
	};
	return {
		name: `429s ${name} from a bucket of 120 a minute, 8 clients`,
		group: "incidents",
		clients: 8,
		seconds,
		decide,
	};
}

/** Failures that come together: up for about `up` seconds, then down for about `down`. */
function bursts(about, down, up, seconds) {
	const decide = (seed) => {
		const flips = [];
		for (let at = 0, index = 0; at < seconds * SECOND; index++) {
			at += (index % 2 === 0 ? up : down) * SECOND * (0.5 + chance(`${seed} flip ${index}`));
			flips.push(at);
		}
		return ({ at }) => ({ status: flips.filter((flip) => flip <= at).length % 2 === 0 ? 200 : 500 });
	};
	return { name: `bursts of 500s for ${about}, 8 clients`, group: "mixtures", clients: 8, seconds, decide };
}

/** A provider without capacity refuses whatever our rate is. */
function refusals(percent, name, headers, seconds) {
	const decide =
		(seed) =>
		({ task, attempt }) =>
			chance(`${seed} ${task} ${attempt}`) < percent / 100 ? { status: 429, headers } : { status: 200 };
	return { name: `${percent} % random 429s ${name}, 8 clients`, group: "mixtures", clients: 8, seconds, decide };
}

/** A minute without failures, then all, 70 %, 40 % and 10 % of the requests fail for 10 s each. */
function recovery(seconds) {
	const shareAt = (at) => [1, 0.7, 0.4, 0.1][Math.floor((at % 100_000) / (10 * SECOND)) - 6] ?? 0;
	const decide =
		(seed) =>
		({ task, attempt, at }) => ({ status: chance(`${seed} ${task} ${attempt}`) < shareAt(at) ? 503 : 200 });
	return { name: "recovery in steps, 8 clients", group: "mixtures", clients: 8, seconds, decide };
}

/** Headers that say so, beside answers. */
function usedUp(seconds) {
	const headers = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "60s" };
	const decide = () => () => ({ status: 200, headers });
	return { name: "remaining: 0 with each answer, 8 clients", group: "mixtures", clients: 8, seconds, decide };
}

function retryAfter() {
	const decide =
		() =>
		({ at }) =>
			at < 5 * SECOND ? { status: 429, headers: { "retry-after": "5" } } : { status: 200 };
	return {
		name: "Retry-After: 5, six requests at once",
		group: "incidents",
		clients: 6,
		seconds: 30,
		decide,
		once: true,
	};
}

function slow() {
	const decide = () => {
		let count = 0;
		return () => (++count === 1 ? { status: 500 } : { status: 200, ttft: 20 * SECOND });
	};
	return {
		name: "one 500, then 20 s to the first token, six requests at once",
		group: "incidents",
		clients: 6,
		seconds: 60,
		decide,
		once: true,
	};
}
