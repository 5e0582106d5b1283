// How the trace viewer does on a large trace: 150 exchanges of a conversation that grows to 2 MB, replies of thousands
// of deltas, one of them of 40 MB; and a session of 2,000 exchanges. `node bench/viewer.mjs [folder for screenshots]` prints a table: time until a person
// sees the thing, bytes sent for it, and the server's time and memory. Needs `npm run build` and Chromium.
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SIZE = { exchanges: 150, turn: 13_000, deltas: 3000, longest: 250_000 };
const root = fileURLToPath(new URL("..", import.meta.url));

if (process.argv[2] === "server") await serve(process.argv[3]);
else await main(process.argv[2]);

/** The viewer in a process of its own, whose memory can be told apart. */
async function serve(sessions) {
	const { startViewer } = await import(process.env.BENCH_BUNDLE);
	const viewer = await startViewer({ sessions, assets: join(root, "dist/viewer") });
	process.send(viewer.url);
	process.on("message", () => process.send(memory()));
}

/** Megabytes of the process now and at most (Linux). */
function memory() {
	const status = readFileSync("/proc/self/status", "utf8");
	const read = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
	return { now: read("VmRSS"), most: read("VmHWM") };
}

async function main(screenshots) {
	const state = mkdtempSync(join(tmpdir(), "cc-any-bench-"));
	const bundled = join(root, "bench/results/viewer-bundle.mjs");
	mkdirSync(join(root, "bench/results"), { recursive: true });
	const closing = [() => rmSync(state, { recursive: true, force: true }), () => rmSync(bundled, { force: true })];
	try {
		await bundle(bundled);
		const { writeLargeTrace, writeSession, launchChromium, chromiumPath } = await import(bundled);
		writeSession(state, 2000);
		const { bytes } = await writeLargeTrace(state, SIZE);
		console.log(`${megabytes(bytes)} MB of bodies, ${megabytes(sizeOf(state))} MB on disk`);
		const child = fork(fileURLToPath(import.meta.url), ["server", state], {
			env: { ...process.env, BENCH_BUNDLE: bundled },
		});
		closing.push(() => child.kill());
		const ask = () =>
			new Promise((done) => {
				child.once("message", done);
				child.send("memory");
			});
		const url = await new Promise((done) => child.once("message", done));
		const before = await ask();
		const browser = await launchChromium(chromiumPath());
		closing.push(() => browser.close());
		await walk(browser, url, screenshots);
		const after = await ask();
		console.log(`server: ${before.now} MB at the start, ${after.now} MB at the end, ${after.most} MB at most`);
	} finally {
		for (const close of closing.reverse()) await close();
	}
}

/** What a person does, step by step. */
async function walk(browser, url, screenshots) {
	const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
	let sent = 0;
	page.on("response", (response) => {
		sent += Number(response.headers()["content-length"] ?? 0);
	});
	const step = async (title, act, seen) => {
		sent = 0;
		const start = performance.now();
		await act();
		await seen();
		const time = performance.now() - start;
		await page.waitForTimeout(300);
		const { nodes, heap } = await page.evaluate(() => ({
			nodes: document.querySelectorAll("*").length,
			heap: performance.memory?.usedJSHeapSize ?? 0,
		}));
		const cells = [
			`${time.toFixed(0)} ms`,
			`${megabytes(sent)} MB sent`,
			`${nodes} elements`,
			`${megabytes(heap)} MB heap`,
		];
		console.log(title.padEnd(44) + cells.map((cell) => cell.padStart(15)).join(""));
		if (screenshots) await page.screenshot({ path: join(screenshots, `${title.replaceAll(/\W+/g, "-")}.png`) });
	};
	const row = page.locator(".row");
	const events = page.getByRole("listbox", { name: "Events returned" });
	const frames = page.getByRole("listbox", { name: "Frames received" });
	const toEnd = (list) =>
		list.evaluate(async (element) => {
			for (let part = 1; part <= 20; part++) {
				element.scrollTop = (element.scrollHeight * part) / 20;
				await new Promise((done) => requestAnimationFrame(done));
			}
		});
	const last = (list) => list.locator(".line:not(.loading)").last().waitFor();
	await step(
		"open the page",
		() => page.goto(url),
		() => row.first().waitFor(),
	);
	await page.locator("#timeline").evaluate((element) => element.scrollTo(0, element.scrollHeight));
	await step(
		"choose the exchange of 40 MB",
		() => page.locator(`[data-number="${SIZE.exchanges}"]`).click(),
		() => page.locator("h2", { hasText: `Exchange ${SIZE.exchanges}` }).waitFor(),
	);
	await step(
		"its bodies",
		() => page.keyboard.press("2"),
		() => last(events),
	);
	await step(
		"scroll its events to the end",
		() => toEnd(events),
		() => last(events),
	);
	await step(
		"scroll its frames to the end",
		() => toEnd(frames),
		() => last(frames),
	);
	await step(
		"choose an event",
		() => events.locator(".line:not(.loading)").nth(-8).click(),
		() => frames.locator(".linked").waitFor(),
	);
	await step(
		"its tools",
		() => page.keyboard.press("3"),
		() => page.locator(".card").first().waitFor(),
	);
	await step(
		"the exchange before",
		() => page.keyboard.press("ArrowUp"),
		() => page.locator("h2", { hasText: `Exchange ${SIZE.exchanges - 1}` }).waitFor(),
	);
	await step(
		"only divergent ones",
		() => page.keyboard.press("d"),
		() => page.locator("#count", { hasText: /^\d\d of/ }).waitFor(),
	);
	await step(
		"a session of 2,000 exchanges",
		() => page.selectOption("#session", { index: 1 }),
		() => page.locator("#count", { hasText: "of 2000" }).waitFor(),
	);
	await step(
		"all of them",
		() => page.keyboard.press("d"),
		() => page.locator("#count", { hasText: "2000 of 2000" }).waitFor(),
	);
	await step(
		"scroll to the first of them",
		() => page.locator("#timeline").evaluate((element) => element.scrollTo(0, 0)),
		() => row.first().waitFor(),
	);
}

function megabytes(bytes) {
	return (bytes / 1e6).toFixed(2);
}

function sizeOf(folder) {
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

async function bundle(outfile) {
	const contents = [
		'export { startViewer } from "./src/trace/viewer/server.ts";',
		'export { writeLargeTrace } from "./test/support/large-trace.ts";',
		'export { writeSession } from "./test/support/sample-session.ts";',
		'export { chromiumPath, launchChromium } from "./test/support/browser.ts";',
	].join("\n");
	const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
	await build({
		...{ stdin: { contents, resolveDir: root, loader: "ts" }, outfile, bundle: true, format: "esm", platform: "node" },
		...{
			target: "node20.19",
			external: ["typescript", "playwright-core"],
			banner: { js: banner },
			logLevel: "warning",
		},
	});
}
