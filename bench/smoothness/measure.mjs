// What arrives of a stream when, and how it looks.

/** A longer gap is seen as a pause. */
const STILL_MS = 100;
/** A longer piece is seen as a lump. */
const LUMP_CHARS = 200;
/** The user agent of an interactive Claude Code. Only its replies are smoothed. */
const INTERACTIVE = "claude-cli/2.1.332 (external, cli)";
const TOOL = { name: "Read", input_schema: { type: "object", properties: { file_path: { type: "string" } } } };

/** The texts that arrive through cc-any, each with its time. */
export async function receive({ url, token }, model) {
	const reply = await fetch(`${url}/v1/messages`, {
		method: "POST",
		headers: { "user-agent": INTERACTIVE, authorization: `Bearer ${token}`, "content-type": "application/json" },
		body: JSON.stringify({
			...{ model, max_tokens: 8000, stream: true, tools: [TOOL] },
			messages: [{ role: "user", content: `stream ${model}` }],
		}),
	});
	const texts = [];
	let ended;
	for await (const read of reply.body.pipeThrough(new TextDecoderStream())) {
		const now = performance.now();
		const found = [...read.matchAll(/"(?:text|thinking)":("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text));
		const chars = found.reduce((sum, text) => sum + text.length, 0);
		if (chars > 0) texts.push([now, chars]);
		if (read.includes("message_stop")) ended = now;
	}
	return { texts, ended };
}

/** The characters of these texts. */
export const chars = (texts) => texts.reduce((sum, [, length]) => sum + length, 0);

/** How a text came, from its first piece to its last. */
export function motionOf(texts) {
	const times = texts.map(([at]) => at);
	const gaps = times
		.slice(1)
		.map((at, index) => at - times[index])
		.toSorted((a, b) => a - b);
	const still = gaps.filter((gap) => gap > STILL_MS).reduce((sum, gap) => sum + gap, 0);
	const at = (share) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0;
	return {
		inMotion: 1 - still / (times.at(-1) - times[0]),
		p50Ms: at(0.5),
		p95Ms: at(0.95),
		longestMs: gaps.at(-1) ?? 0,
		inLumps: chars(texts.filter(([, length]) => length > LUMP_CHARS)) / chars(texts),
	};
}

/** The longest time between the writing of a character and its arrival. */
export function lagOf(written, received) {
	let [next, due, longest] = [0, 0, 0];
	let seen = 0;
	for (const [at, chars] of received) {
		// The oldest character of this piece.
		while (due + written[next][1] <= seen) due += written[next++][1];
		longest = Math.max(longest, at - written[next][0]);
		seen += chars;
	}
	return longest;
}
