import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Debian's Chromium, or the one that CHROMIUM names; undefined where there is none. */
export function chromiumPath(): string | undefined {
	const named = process.env["CHROMIUM"];
	if (named) return named;
	const folders = (process.env["PATH"] ?? "").split(delimiter);
	return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Starts it without a window. As root, and in containers, its own sandbox cannot work. */
export async function launchChromium(executablePath: string): Promise<Browser> {
	const { chromium } = await import("playwright-core");
	return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}
