// Draws where the proxy's processor time goes as a flame graph.
//   node bench/flame.mjs SHAPE OUT.svg [TARGET] [ROOT]     SHAPE: small | fast; ROOT: another checkout, built
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask } from "./proxy/load.mjs";
import { startTarget, startUpstream } from "./proxy/target.mjs";
import { selectTargets } from "./proxy/targets.mjs";

const [shape, out, name = "chat", root] = process.argv.slice(2);
const COUNTS = { small: [3000, 3000], fast: [20, 60] };
const [WIDTH, ROW, SMALLEST] = [1200, 17, 0.002];

const folder = mkdtempSync(join(tmpdir(), "cc-any-flame-"));
const upstream = await startUpstream();
try {
	const profile = await record();
	const tree = merge(profile);
	writeFileSync(out, draw(tree, `${shape}, ${name}: processor time of the proxy's thread without idle time`));
} finally {
	upstream.child.kill();
	rmSync(folder, { recursive: true, force: true });
}

/** Runs the proxy under V8's sampling profiler. */
async function record() {
	const command = (await selectTargets([name]))[name];
	const profiled = (place) => {
		const [file, args] = command(place);
		const flags = ["--cpu-prof", "--cpu-prof-dir", folder, "--cpu-prof-interval", "250"];
		const own = root ? args.map((word) => word.replace(/^.*(\/bin\/cc-any\.js)$/, `${root}$1`)) : args;
		return [file, [...flags, ...own]];
	};
	const target = await startTarget(name, profiled, { upstream: upstream.url, folder });
	const body = JSON.stringify({
		model: shape,
		max_tokens: 9,
		stream: true,
		messages: [{ role: "user", content: "go" }],
	});
	for (const count of COUNTS[shape]) for (let index = 0; index < count; index++) await ask(target, body);
	const ended = new Promise((resolve) => target.child.once("exit", resolve));
	target.child.kill("SIGTERM");
	await ended;
	const file = readdirSync(folder).find((each) => each.endsWith(".cpuprofile"));
	return JSON.parse(readFileSync(join(folder, file), "utf8"));
}

/** The call tree of the second half, when everything is warm; frames of one name below one parent are one. */
function merge({ nodes, samples, timeDeltas }) {
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const own = new Map();
	for (let index = Math.floor(samples.length / 2); index < samples.length; index++) {
		own.set(samples[index], (own.get(samples[index]) ?? 0) + timeDeltas[index]);
	}
	const add = (node, into) => {
		const { functionName, url } = node.callFrame;
		const frame = functionName || "(anonymous)";
		if (frame === "(idle)") return 0;
		const key = `${frame} ${kindOf(url)}`;
		const child = into.children.get(key) ?? { frame, kind: kindOf(url), value: 0, children: new Map() };
		into.children.set(key, child);
		let value = own.get(node.id) ?? 0;
		for (const id of node.children ?? []) value += add(byId.get(id), child);
		child.value += value;
		return value;
	};
	const all = { frame: "all", kind: "node", value: 0, children: new Map() };
	for (const id of nodes[0].children ?? []) all.value += add(byId.get(id), all);
	return all;
}

function kindOf(url) {
	if (url.includes("/dist/")) return "cc-any";
	return "node";
}

function draw(tree, title) {
	const boxes = [];
	const colours = { "cc-any": "#f2a65a", node: "#8fb8de" };
	const place = (node, x, depth) => {
		const width = (node.value / tree.value) * WIDTH;
		if (node.value / tree.value < SMALLEST) return;
		const share = `${((100 * node.value) / tree.value).toFixed(1)} %`;
		const text = width > 30 ? escapeXml(node.frame.slice(0, Math.floor(width / 6.2))) : "";
		boxes.push({ depth, x, width, text, title: escapeXml(`${node.frame} ${share}`), fill: colours[node.kind] });
		let at = x;
		for (const child of [...node.children.values()].sort((a, b) => b.value - a.value)) {
			place(child, at, depth + 1);
			at += (child.value / tree.value) * WIDTH;
		}
	};
	place(tree, 0, 0);
	const height = (Math.max(...boxes.map(({ depth }) => depth)) + 3) * ROW;
	const shapes = boxes.map(({ depth, x, width, text, title: words, fill }) => {
		const y = height - (depth + 1) * ROW;
		const box = `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.4, width - 0.4).toFixed(1)}" height="${ROW - 1}" fill="${fill}"/>`;
		const label = text && `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${text}</text>`;
		return `<g><title>${words}</title>${box}${label}</g>`;
	});
	const style = "text{font:10px ui-monospace,monospace;fill:#1b1b1b}rect{rx:1}";
	const legend = `<text x="3" y="12">${escapeXml(title)} · orange: cc-any and what it bundles, blue: Node</text>`;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}"><title>${escapeXml(title)}</title><style>${style}</style><rect width="${WIDTH}" height="${height}" fill="#fff"/>${legend}${shapes.join("")}</svg>\n`;
}

function escapeXml(text) {
	return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
