// Takes the pictures of the trace viewer for the README and the docs, from a real session: Claude Code on the demo model.
//
//   npm run build && node scripts/screenshots.mjs      # CHROMIUM names another browser

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CC_ANY = join(ROOT, "bin/cc-any.js");
const IMAGES = join(ROOT, "docs/images");
const SIZE = { width: 1200, height: 640 };

const home = mkdtempSync(join(tmpdir(), "cc-any-pictures-"));
const project = join(home, "project");
mkdirSync(project);
const environment = { HOME: home, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`, LANG: "C.UTF-8" };

try {
	const words = [
		"--profile",
		"demo",
		"--trace",
		"--allowedTools",
		"Write,Read,Edit,Bash",
		"-p",
		"Show me what you can do",
	];
	const { status } = spawnSync(process.execPath, [CC_ANY, ...words], {
		cwd: project,
		env: environment,
		stdio: "inherit",
	});
	if (status !== 0) throw new Error(`the session ended with ${status}`);
	await takePictures();
} finally {
	rmSync(home, { recursive: true, force: true });
}

async function takePictures() {
	const viewer = spawn(process.execPath, [CC_ANY, "trace", "view"], { cwd: project, env: environment });
	const browser = await chromium.launch({
		executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
		args: ["--no-sandbox"],
	});
	try {
		const url = await firstLine(viewer.stdout);
		for (const colorScheme of ["light", "dark"]) {
			const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 2, colorScheme });
			await page.goto(url);
			await page.locator(".row").first().waitFor();
			for (const key of ["j", "j", "Enter"]) await page.keyboard.press(key);
			await page.getByText("Requested and sent").waitFor();
			await keep(page, `viewer-${colorScheme}`);
			if (colorScheme === "dark") continue;
			await page.keyboard.press("2");
			await page.getByRole("listbox", { name: "Events returned" }).getByRole("option").nth(3).click();
			await page.locator(".linked").first().waitFor();
			await keep(page, "viewer-bodies");
		}
	} finally {
		await browser.close();
		viewer.kill();
	}
}

async function firstLine(stream) {
	for await (const line of createInterface({ input: stream })) return line.trim();
	throw new Error("the viewer printed no address");
}

/** WebP, which is a third of a PNG. Playwright itself writes none. */
async function keep(page, name) {
	const session = await page.context().newCDPSession(page);
	const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 80 });
	writeFileSync(join(IMAGES, `${name}.webp`), Buffer.from(data, "base64"));
}
