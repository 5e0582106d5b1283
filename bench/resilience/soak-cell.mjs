// The mixture of faults of the soak. What depends on the request is the same for both arms; so is the time of each incident.
import { chance } from "./provider.mjs";

const SECOND = 1000;

/** Faults by the request and its attempt: how many in a thousand, and what the provider does. */
const FAULTS = [
	[40, { status: 500 }],
	[10, { status: 429 }],
	[10, { status: 429, headers: { "retry-after": "2" } }],
	[20, { status: 200, ending: "cut" }],
	[5, { status: 200, ending: "early" }],
	[5, { status: 200, ending: "damaged" }],
	[10, { status: 200, ttft: 8 * SECOND }],
	[2, { status: 200, ttft: 20 * SECOND }],
].flatMap(([share, fault]) => Array(share).fill(fault));

/** Mean times between incidents, in seconds: connections cut for 0.3 s, and outages of 5 to 40 s. */
const BLIP_EVERY = 150;
const OUTAGE_EVERY = 420;

export function soak(seconds) {
	const incidents = (name, every) => {
		const times = [];
		for (let at = 0, index = 0; ; index++) {
			at += every * (0.5 + chance(`soak ${name} ${index}`));
			if (at > seconds - 60) return times;
			times.push(at);
		}
	};
	const outages = incidents("outage", OUTAGE_EVERY).map((at, index) => {
		const length = 5 + 35 * chance(`soak outage length ${index}`);
		return [at * SECOND, (at + length) * SECOND];
	});
	const decide = (seed) => (request) => {
		const { task, attempt, at, body } = request;
		if (outages.some(([from, to]) => at >= from && at < to)) return { status: 503 };
		if (task === "poison") return { status: 500 };
		if (body.temperature !== undefined) return { status: 400, message: "Unsupported parameter: 'temperature'" };
		return FAULTS[Math.floor(1000 * chance(`${seed} ${task} ${attempt}`))] ?? { status: 200 };
	};
	const cuts = incidents("blip", BLIP_EVERY);
	return { clients: 8, seconds, decide, shape, cuts, poison: true };
}

/** Most requests are short. Some are long, some are cancelled half way, and a few have a field that is refused. */
function shape(seed) {
	return (task) => {
		const drawn = (what) => chance(`${seed} ${what} ${task}`);
		return {
			chars: drawn("long") < 0.05 ? 200_000 : Math.floor(20_000 * drawn("length")),
			...(drawn("cancelled") < 0.03 && { cancelAfterMs: 100 + 1500 * drawn("when") }),
			...(drawn("refused") < 0.005 && { fields: { temperature: 0.5 } }),
		};
	};
}
