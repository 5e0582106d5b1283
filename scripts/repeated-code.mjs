// Finds places with equal code, for measure-code.mjs.

/** Shorter runs of equal lines are mostly closing brackets and imports. */
export const MIN_REPEATED_LINES = 6;
/** A table of like rows repeats itself by nature; so does a list of properties, whose lines have no call or keyword. */
const MIN_DISTINCT_LINES = 5;
const STATEMENT = /\(|=|\b(return|break|continue|throw|else)\b/;

const KEYWORDS = new Set(
	"async await break case catch class const continue else export for from function if import in interface let new of return switch throw try type while".split(
		" ",
	),
);

/** The line with every name, string and number replaced, so that copies with other names are found too. */
export function shapeOf(text) {
	return text
		.replace(/"[^"]*"|`[^`]*`/g, "S")
		.replace(/\b\d[\w.]*\b/g, "0")
		.replace(/[A-Za-z_$][\w$]*/g, (word) => (KEYWORDS.has(word) ? word : "x"));
}

/** Pairs of places, in one file or two, with MIN_REPEATED_LINES or more code lines that are equal once `normalize` is applied. */
export function findRepeats(files, normalize) {
	const code = files.map((file) => file.code.filter(({ text }) => STATEMENT.test(text)));
	const texts = code.map((lines) => lines.map(({ text }) => normalize(text)));
	const places = new Map();
	const pairs = [];
	texts.forEach((lines, fileIndex) => {
		for (let at = 0; at + MIN_REPEATED_LINES <= lines.length; at++) {
			const key = lines.slice(at, at + MIN_REPEATED_LINES).join("\n");
			const second = { fileIndex, at };
			const earlier = places.get(key) ?? [];
			if (new Set(key.split("\n")).size < MIN_DISTINCT_LINES) continue;
			for (const first of earlier) if (!overlap(first, second)) pairs.push({ first, second });
			places.set(key, [...earlier, second]);
		}
	});
	return mergeRuns(pairs).map(({ first, second, lines }) => ({
		lines,
		places: [first, second].map(({ fileIndex, at }) => {
			return { path: files[fileIndex].path, line: code[fileIndex][at].line };
		}),
	}));
}

function overlap(first, second) {
	return first.fileIndex === second.fileIndex && second.at - first.at < MIN_REPEATED_LINES;
}

/** Joins the windows that continue one another into one pair with its full length. */
function mergeRuns(pairs) {
	const keyOf = ({ first, second }, shift) =>
		[first.fileIndex, first.at + shift, second.fileIndex, second.at + shift].join(":");
	const all = new Set(pairs.map((pair) => keyOf(pair, 0)));
	return pairs
		.filter((pair) => !all.has(keyOf(pair, -1)))
		.map((pair) => {
			let lines = MIN_REPEATED_LINES;
			while (all.has(keyOf(pair, lines - MIN_REPEATED_LINES + 1))) lines++;
			return { ...pair, lines };
		});
}
