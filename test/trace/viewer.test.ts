import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startViewer, type Viewer } from "../../src/trace/viewer/server.ts";
import { chromiumPath, launchChromium } from "../support/browser.ts";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { post, RecordedSession } from "../support/recorded-session.ts";
import { writeSession } from "../support/sample-session.ts";

const ASSETS = join(import.meta.dirname, "../../dist/viewer");
/** Set to a folder to keep the screenshots that docs/ shows. */
const SCREENSHOTS = process.env["SCREENSHOTS"];
const chromium = chromiumPath();

let state: RecordedSession;
let viewer: Viewer;
beforeEach(async () => {
	state = new RecordedSession();
	viewer = await startViewer({ sessions: state.folder, assets: ASSETS });
});
afterEach(async () => {
	await state.resources.release();
	await viewer.close();
	state.remove();
});

describe("the server", () => {
	test("gives nothing without the token, to a foreign host, to a foreign page, or for another method", async () => {
		const { origin } = new URL(viewer.url);
		const status = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status;
		expect(await status(viewer.url)).toBe(200);
		expect(await status(`${origin}/`)).toBe(403);
		expect(await status(`${origin}/wrong/api/sessions`)).toBe(403);
		expect(await status(`${viewer.url}api/sessions`, { headers: { origin: "http://evil.test" } })).toBe(403);
		expect(await status(`${viewer.url}api/sessions`, { method: "POST" })).toBe(405);
		expect(await status(`${viewer.url}api/sessions/..%2f..%2fetc`)).toBe(404);
		expect(await status(`${viewer.url}index.html`)).toBe(404);
	});

	test("says when its port is taken", async () => {
		const port = Number(new URL(viewer.url).port);
		await expect(startViewer({ sessions: state.folder, assets: ASSETS, port })).rejects.toThrow(
			`port ${port} is taken`,
		);
	});

	test("allows the page nothing but itself", async () => {
		const { headers } = await fetch(viewer.url);
		expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
		expect(headers.get("referrer-policy")).toBe("no-referrer");
	});
});

describe.skipIf(!chromium)("in Chromium (skipped where neither PATH nor CHROMIUM has one)", () => {
	const problems: string[] = [];
	let browser: Browser;
	let server: FaultServer | undefined;
	beforeAll(async () => {
		browser = await launchChromium(chromium as string);
	});
	afterAll(() => browser?.close());
	afterEach(async () => {
		for (const context of browser.contexts()) await context.close();
		await server?.close();
		server = undefined;
		// Nothing from elsewhere was asked for, and nothing went wrong in the page.
		expect(problems.splice(0)).toEqual([]);
	});

	async function openPage(width: number, height: number, scheme: "light" | "dark" = "light"): Promise<Page> {
		const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
		const page = await context.newPage();
		const { url } = viewer;
		page.on("request", (request) => {
			if (!request.url().startsWith(url) && !request.url().startsWith("data:")) problems.push(request.url());
		});
		page.on("pageerror", (error) => problems.push(error.message));
		page.on("console", (message) => {
			if (message.type() === "error") problems.push(message.text());
		});
		await page.goto(viewer.url);
		return page;
	}

	async function keep(page: Page, name: string): Promise<void> {
		if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
	}

	/** A recorded session of three exchanges: a fine one, one with a leaked call, one that is refused. */
	async function recordSession(): Promise<void> {
		const usage = { prompt_tokens: 1200, completion_tokens: 40, prompt_tokens_details: { cached_tokens: 900 } };
		const chat = (...texts: string[]) => [
			...texts.map((content) => chatChunk({ content })),
			chatChunk({}, "stop"),
			`data: ${JSON.stringify({ choices: [], usage })}\n\n`,
			"data: [DONE]\n\n",
		];
		const leaked = '<tool_call>{"name":"Bash","arguments":{"command":"ls -l"}}</tool_call>';
		server = await startFaultServer([
			{ stream: chat("I look ", "at ", "the files <img src=x onerror=alert(1)>."), pause: 30 },
			{ stream: chat("One moment. ", leaked), pause: 30 },
			{ status: 400, body: '{"error":{"message":"the schema of Bash is refused"}}' },
		]);
		const price = { input: 2, output: 8, cacheRead: 0.2 };
		const model = { id: "test-model", vision: true, thinking: "toggle", maxOutput: 8192, price } as const;
		const session = await state.open(server.url, { trace: true, profile: { models: { "test-model": model } } });
		const tools = [
			{ name: "Bash", input_schema: { $schema: "s", type: "object", properties: { command: { type: "string" } } } },
		];
		const messages: object[] = [
			{ role: "user", content: "What is in this folder?" },
			{ role: "system", content: "Be brief." },
		];
		const ask = {
			model: "claude-opus-4-8",
			max_tokens: 64_000,
			stream: true,
			tools,
			system: "You are a tool.",
			messages,
		};
		await post(session, ask);
		messages.push({
			role: "assistant",
			content: [{ type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "pwd" } }],
		});
		messages.push({
			role: "user",
			content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "/work\n", is_error: false }],
		});
		await post(session, ask);
		await post(session, ask);
		await state.resources.release();
	}

	test("a recorded session: timeline, explanation, linked bodies, tool cards; by keyboard alone", async () => {
		await recordSession();
		const page = await openPage(1280, 800);
		await page.locator(".row").nth(2).waitFor();
		expect(await page.locator("#summary").textContent()).toContain("3 exchanges");
		await page.keyboard.press("n");
		await page.keyboard.press("Enter");
		await page.locator(".finding b").waitFor();
		expect(await page.locator(".finding").textContent()).toMatch(/leaked-tool-call[\s\S]*Verdict\s*model/);
		expect(await page.locator("tbody tr", { hasText: "max-tokens" }).textContent()).toMatch(/64000[\s\S]*8192/);
		await keep(page, "explanation");
		await page.keyboard.press("2");
		await page.locator(".panes").waitFor();
		expect(await page.locator(".part.changed", { hasText: "later-system" }).count()).toBe(2);
		const events = page.getByRole("listbox", { name: "Events returned" });
		await events
			.getByRole("option", { name: /One moment/ })
			.first()
			.click();
		expect(await page.getByRole("listbox", { name: "Frames received" }).locator(".linked").textContent()).toContain(
			"One moment",
		);
		expect(await page.locator(".full").textContent()).toContain('"text": "One moment. "');
		await page.keyboard.press("3");
		await page.locator(".card").first().waitFor();
		expect(await page.locator(".card").first().textContent()).toMatch(/Bash[\s\S]*leaked-tool-call[\s\S]*ls -l/);
		expect(await page.locator(".card").nth(1).textContent()).toMatch(/pwd[\s\S]*\/work/);
		await page.keyboard.press("4");
		expect(await page.locator(".figures-list").textContent()).toMatch(/75 % cached/);
		await page.keyboard.press("Escape");
		expect(await page.locator("#details").isVisible()).toBe(false);
	});

	test("what was recorded never becomes markup", async () => {
		await recordSession();
		const page = await openPage(1280, 800);
		await page.locator(".row").first().click();
		await page.locator(".finding, .good").first().waitFor();
		await page.keyboard.press("2");
		await page
			.getByRole("listbox", { name: "Events returned" })
			.getByRole("option", { name: /onerror/ })
			.click();
		await expect.poll(() => page.locator(".full").textContent()).toContain("<img src=x"); // it is fetched first
		expect(await page.locator("img").count()).toBe(0);
	});

	test("filters by purpose, model and divergence", async () => {
		writeSession(state.folder, 60);
		const page = await openPage(1280, 800);
		await page.locator(".row").first().waitFor();
		const count = () => page.locator("#count").textContent();
		expect(await count()).toBe("60 of 60 exchanges");
		await page.keyboard.press("d");
		expect(await count()).toBe("8 of 60 exchanges");
		await page.locator("#filter-kind").selectOption("leaked-tool-call");
		expect(await count()).toBe("3 of 60 exchanges");
		await page.getByLabel("only with findings").uncheck();
		await page.locator("#filter-kind").selectOption("");
		await page.getByLabel("Purpose").selectOption("subagent");
		await page.getByLabel("Model").selectOption("sample-small");
		expect(await count()).toBe("10 of 60 exchanges");
	});

	test("2,000 exchanges: only what is seen is in the document, and the last is a key away", async () => {
		writeSession(state.folder, 2000);
		const page = await openPage(1280, 800);
		await page.locator(".row").first().waitFor();
		expect(await page.locator("#count").textContent()).toBe("2000 of 2000 exchanges");
		expect(await page.locator(".row").count()).toBeLessThan(80);
		await page.keyboard.press("ArrowUp");
		expect(await page.locator('.row[aria-selected="true"]').getAttribute("data-number")).toBe("2000");
		for (let step = 0; step < 100; step++) await page.keyboard.press("k");
		expect(await page.locator('.row[aria-selected="true"]').getAttribute("data-number")).toBe("1900");
		await page.keyboard.press("Enter");
		await page.locator("#details").waitFor();
		const [list, row] = [page.locator("#timeline"), page.locator('.row[aria-selected="true"]')];
		const [around, inside] = [await list.boundingBox(), await row.boundingBox()];
		const bottom = (box: typeof around) => (box ? box.y + box.height : Number.NaN);
		expect(bottom(inside)).toBeLessThanOrEqual(bottom(around));
		await page.keyboard.press("Escape");
		await page.keyboard.press("t");
		expect(await page.getByLabel("by clock").isChecked()).toBe(true);
	});

	test("follows a session while it runs", async () => {
		const usage = 'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1}}\n\n';
		server = await startFaultServer([
			{ stream: [chatChunk({ content: "x" }), chatChunk({}, "stop"), usage, "data: [DONE]\n\n"] },
		]);
		const session = await state.open(server.url);
		const page = await openPage(1280, 800);
		await page.locator("#summary", { hasText: "No session" }).waitFor();
		const ask = { model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] };
		await post(session, ask);
		await page.locator("#count", { hasText: "1 of 1" }).waitFor();
		await post(session, ask);
		await page.locator("#count", { hasText: "2 of 2" }).waitFor();
		expect(await page.locator("#live").textContent()).toBe("live");
		// Without a finding, a list of findings would be empty.
		expect(await page.locator("#filter-kind").isVisible()).toBe(false);
		expect(await page.locator("#filter-model").isVisible()).toBe(true);
	});

	test.each([
		[1280, 800, "light"],
		[1280, 800, "dark"],
		[390, 844, "light"],
		[390, 844, "dark"],
	] as const)("%i × %i, %s: nothing is cut off, text can be read", async (width, height, scheme) => {
		await recordSession();
		writeSession(state.folder, 120);
		const page = await openPage(width, height, scheme);
		await page.locator(".row").first().waitFor();
		await keep(page, `list-${width}-${scheme}`);
		for (const key of ["n", "Enter"]) await page.keyboard.press(key);
		await page.locator(".finding, .good").first().waitFor();
		for (const tab of [1, 2, 3, 4]) {
			await page.keyboard.press(String(tab));
			await page.locator(`#tab-${tab - 1}[aria-selected="true"]`).waitFor();
			const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			expect(overflow, `tab ${tab}`).toBeLessThanOrEqual(0);
			expect(await faintTexts(page), `tab ${tab}`).toEqual([]);
			expect(await axeViolations(page), `tab ${tab}`).toEqual([]);
			await keep(page, `tab-${tab}-${width}-${scheme}`);
		}
	});
});

/** What axe-core finds, where CC_ANY_AXE names its file (`npm pack axe-core`): it is no dependency of this project. */
async function axeViolations(page: Page): Promise<string[]> {
	const file = process.env["CC_ANY_AXE"];
	if (!file) return [];
	await page.evaluate(readFileSync(file, "utf8"));
	const { violations } = (await page.evaluate("axe.run()")) as {
		violations: { id: string; nodes: { html: string }[] }[];
	};
	return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

test("each colour of the data has one meaning, in both schemes", () => {
	const css = readFileSync(join(import.meta.dirname, "../../src/trace/viewer/page/viewer.css"), "utf8");
	const names = ["queue", "connect", "wait", "stream", "cached", "uncached", "output", "cost", "good", "warn", "bad"];
	const pairs = names.map((name) => new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(css)?.slice(1));
	for (const scheme of [0, 1]) expect(new Set(pairs.map((pair) => pair?.[scheme])).size).toBe(names.length);
});

/** Visible texts whose contrast to the page is below 4.5, WCAG's least. */
async function faintTexts(page: Page): Promise<string[]> {
	return page.evaluate(() => {
		const canvas = document
			.createElement("canvas")
			.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
		const luminance = (colour: string, under: string): number => {
			for (const fill of [under, colour]) {
				canvas.fillStyle = fill;
				canvas.fillRect(0, 0, 1, 1);
			}
			const [r = 0, g = 0, b = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
				const part = value / 255;
				return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
			});
			return 0.2126 * r + 0.7152 * g + 0.0722 * b;
		};
		const ground = (element: Element | null): string => {
			for (let at = element; at; at = at.parentElement) {
				const { backgroundColor } = getComputedStyle(at);
				if (!/, 0\)$|transparent/.test(backgroundColor)) return backgroundColor;
			}
			return "white";
		};
		const pageGround = getComputedStyle(document.body).backgroundColor;
		return [
			...document.querySelectorAll<HTMLElement>(
				"span, p, b, code, dd, dt, h1, h2, h3, button, pre, td, th, small, del, ins",
			),
		]
			.filter(
				(element) =>
					element.offsetParent &&
					[...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
			)
			.filter((element) => {
				const [text, back] = [
					luminance(getComputedStyle(element).color, pageGround),
					luminance(ground(element), pageGround),
				];
				return (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05) < 4.5;
			})
			.map((element) => `${element.tagName}.${element.className}: ${element.textContent?.slice(0, 40)}`);
	});
}
