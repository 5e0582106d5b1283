import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
const read = (path: string) => readFileSync(join(root, path), "utf8");

test("the site lists every page of docs/", () => {
	const config = read("site/.vitepress/config.mjs");
	for (const page of pages) expect(config).toContain(`"${page.replace(/\.md$/, "")}"`);
});

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(path: string): Set<string> {
	const headings = [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => text.toLowerCase());
	return new Set(headings.map((text) => text.replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")));
}

// VitePress itself finds dead links to pages, not to headings.
test("links to headings lead to one", () => {
	const links = ["README.md", "CONTRIBUTING.md", ...pages.map((page) => `docs/${page}`)].flatMap((from) =>
		[...read(from).matchAll(/\]\(([\w./-]*)#([^)]+)\)/g)].map(([, file = "", anchor = ""]) => {
			return { from, to: file === "" ? from : join(from, "..", file), anchor };
		}),
	);
	expect(links.length).toBeGreaterThan(5);
	expect(links.filter(({ to, anchor }) => !anchorsOf(to).has(anchor))).toEqual([]);
});
