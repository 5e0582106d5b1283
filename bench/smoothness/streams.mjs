// Ways in which providers and gateways write a text. Each stream is a list of writes `[atMs, chunks]`; those whose name
// says so are written in that wire format, the others as chat completions.
const WORDS = "Some words of a reply that comes in lumps, as gateways send it. ".repeat(100);
const LUMP_CHARS = 400;
const lump = (chars = LUMP_CHARS) => [{ text: WORDS.slice(0, chars) }];
const thinking = (index) => [{ thinking: `Step ${index}. ${WORDS}`.slice(0, LUMP_CHARS) }];
/** The same text in the small chunks that the model made, which a gateway collected: 20 kB, so more than one read. */
const tokens = () => Array.from({ length: LUMP_CHARS / 4 }, (_, at) => ({ text: WORDS.slice(at * 4, at * 4 + 4) }));
/** `count` writes, one every `ms`, from `start` on. `jitter`: by how much of `ms` a write may be early or late. */
function every(ms, count, { start = 0, jitter = 0, chunks = () => lump() } = {}) {
	return Array.from({ length: count }, (_, index) => [start + ms * (index + jitter * chance(index)), chunks(index)]);
}

/** A number from -1 to 1, the same in every run. */
function chance(index) {
	const value = Math.sin((index + 1) * 12.9898) * 43758.5453;
	return (value - Math.floor(value)) * 2 - 1;
}

const words = { chunks: () => lump(20) };
const after = (writes, ms) => ({ start: writes.at(-1)[0] + ms });
const inLumps = every(300, 10);
const inWords = every(30, 100, { ...after(inLumps, 30), ...words });

export const STREAMS = {
	"400 characters every 100 ms": every(100, 100),
	"every 150 ms": every(150, 66),
	"every 300 ms": every(300, 33),
	"every 300 ms ± 50 %": every(300, 33, { jitter: 0.5 }),
	"every 500 ms": every(500, 20),
	"every second": every(1000, 15),
	"every second ± 50 %": every(1000, 15, { jitter: 0.5 }),
	"every 2 s": every(2000, 8),
	"every second, as a hundred chunks": every(1000, 12, { chunks: tokens }),
	"every second, a keep-alive between": every(500, 24, { chunks: (index) => (index % 2 ? ": keep-alive" : lump()) }),
	"4,000 characters every second": every(1000, 12, { chunks: () => lump(4000) }),
	"thinking, then text, every 500 ms": every(500, 20, { chunks: (index) => (index < 10 ? thinking(index) : lump()) }),
	"every 500 ms, each fifth write a tool call (Messages API)": every(500, 20, {
		chunks: (index) => (index % 5 === 4 ? [{ call: index }] : lump()),
	}),
	"every 300 ms (Messages API)": every(300, 33),
	"every second (Messages API)": every(1000, 15),
	"every 300 ms, then a word every 30 ms, then lumps": [...inLumps, ...inWords, ...every(300, 10, after(inWords, 300))],
	"a word every 30 ms": every(30, 200, words),
	"a word every 150 ms": every(150, 60, words),
	"120 characters every 10 ms": every(10, 300, { chunks: () => lump(120) }),
	"three lumps, one every second": every(1000, 3),
};

export const isMessages = (name) => name.includes("(Messages API)");
