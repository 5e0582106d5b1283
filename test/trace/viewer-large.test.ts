import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startViewer, type Viewer } from "../../src/trace/viewer/server.ts";
import { chromiumPath, launchChromium } from "../support/browser.ts";
import { writeLargeTrace } from "../support/large-trace.ts";

const ASSETS = join(import.meta.dirname, "../../dist/viewer");
const SIZE = { exchanges: 6, turn: 60_000, deltas: 100, longest: 60_000 };
const chromium = chromiumPath();

let folder: string;
let session: string;
let viewer: Viewer;
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "cc-any-large-"));
	({ session } = await writeLargeTrace(folder, SIZE));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
	viewer = await startViewer({ sessions: folder, assets: ASSETS });
});
afterEach(() => viewer.close());

/** What the server says to a path of one exchange. */
async function ask(path: string) {
	const response = await fetch(`${viewer.url}api/sessions/${session}/${path}`);
	const text = await response.text();
	return { status: response.status, size: text.length, data: response.ok ? JSON.parse(text) : undefined };
}

describe("the server gives of a reply of ten megabytes", () => {
	test("the explanation, counts and beginnings at once", async () => {
		const { size, data } = await ask("6");
		expect(size).toBeLessThan(400_000);
		expect([data.bodies.frames, data.bodies.events]).toEqual([60_000, 60_005]);
		const long = data.bodies.asked.find(({ place }: { place: string }) => place.startsWith("messages[0]"));
		expect([long.text.length, long.length]).toEqual([200, 60_000]);
	});

	test("lines by the piece, the last as well as the first, and never more than it likes", async () => {
		const { data: frames } = await ask("6/frames?from=59998&count=200");
		expect(frames).toHaveLength(2);
		expect(frames[1].text).toContain('"finish_reason":"stop"');
		const { data: events } = await ask("6/events?from=0&count=3");
		expect(events.map(({ type }: { type: string }) => type)).toEqual([
			"message_start",
			"content_block_start",
			"text_delta",
		]);
		const { data: linked } = await ask(`6/frames?from=${events[2].read}&count=1`);
		expect(linked[0].event).toBe(0);
		expect((await ask("6/events?from=0&count=60000")).data).toHaveLength(500);
	});

	test("full texts on request", async () => {
		const { data } = await ask("6/frames/59999");
		expect(data.text).toMatch(/^data: \{.*\}\n\n$/);
		expect((await ask("6/asked/3")).data.text).toHaveLength(12_000);
	});

	test.each(["7", "6/frames/60000", "6/frames?from=-1&count=2", "6/frames", "6/nothing/1", "6/asked/x"])(
		"404 for %s",
		async (path) => {
			expect((await ask(path)).status).toBe(404);
		},
	);
});

test("a record that a kill left empty hides no other session", async () => {
	const empty = "20260107-090000-0000";
	writeFileSync(join(folder, `${empty}.jsonl`), "");
	const listed = await (await fetch(`${viewer.url}api/sessions`)).json();
	rmSync(join(folder, `${empty}.jsonl`));
	expect(listed.map(({ head }: { head: { session: string } }) => head.session)).toEqual([session]);
});

describe.skipIf(!chromium)("in Chromium (skipped where neither PATH nor CHROMIUM has one)", () => {
	let browser: Browser;
	beforeAll(async () => {
		browser = await launchChromium(chromium as string);
	});
	afterAll(() => browser?.close());

	async function openBodies() {
		const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
		const received = { bytes: 0 };
		page.on("response", (response) => {
			received.bytes += Number(response.headers()["content-length"] ?? 0);
		});
		await page.goto(`${viewer.url}#${session}/6`);
		await page.locator(".finding, .good").waitFor();
		await page.keyboard.press("2");
		const events = page.getByRole("listbox", { name: "Events returned" });
		await events.locator(".line:not(.loading)").first().waitFor();
		return { page, events, received, frames: page.getByRole("listbox", { name: "Frames received" }) };
	}

	test("60,000 frames and events: what is not seen is neither sent nor in the document", async () => {
		const { page, events, frames, received } = await openBodies();
		await events.evaluate((element) => element.scrollTo(0, element.scrollHeight));
		const last = events.getByRole("option", { name: /message_stop/ });
		await last.waitFor();
		expect(await page.locator(".line").count()).toBeLessThan(150);
		expect(await page.locator("*").count()).toBeLessThan(1500);
		await last.click();
		await page.locator(".full", { hasText: '"message_stop"' }).waitFor();
		await frames.locator(".linked", { hasText: '"finish_reason":"stop"' }).waitFor();
		expect(received.bytes).toBeLessThan(1_000_000);
		await page.close();
	});

	test("a folded part is fetched whole when it is opened", async () => {
		const { page } = await openBodies();
		const part = page
			.locator(".pane", { hasText: "Requested by Claude Code" })
			.locator(".part", { hasText: "messages[0]" });
		await part.locator("summary").click();
		await expect.poll(async () => (await part.locator("pre").textContent())?.length).toBe(60_000);
		await page.close();
	});

	test("a held key leaves out the exchanges that it has passed", async () => {
		const { page } = await openBodies();
		const asked: string[] = [];
		let release = () => {};
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		await page.route(/api\/sessions\/[^/]+\/\d+$/, async (route) => {
			asked.push(route.request().url().split("/").at(-1) ?? "");
			await held;
			await route.continue();
		});
		await page.keyboard.press("k");
		// Keys that come before the first is answered for are one step on a busy machine.
		await expect.poll(() => asked).toEqual(["5"]);
		for (let step = 0; step < 3; step++) await page.keyboard.press("k");
		release();
		await page.locator("h2", { hasText: "Exchange 2" }).waitFor();
		expect(asked).toEqual(["5", "2"]);
		await page.close();
	});

	test("says what cannot be shown", async () => {
		const { page } = await openBodies();
		await page.route("**/api/sessions/*/5", (route) => route.fulfill({ status: 500, body: "the archive is damaged" }));
		await page.locator('[data-number="5"]').click();
		await page.locator("#details", { hasText: "Exchange 5 cannot be shown: the archive is damaged" }).waitFor();
		await page.close();
	});
});
