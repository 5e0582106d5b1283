// The docs site: every page of docs/, with search. VitePress fails the build on a dead link.
import { cpSync, readFileSync } from "node:fs";
import { defineConfig } from "vitepress";

const { repository } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const source = repository.url.replace(/^git\+|\.git$/g, "");

const GROUPS = {
	Start: ["getting-started", "keys", "models-and-tiers", "local-models", "uninstalling"],
	Profiles: ["profiles", "providers", "quirks"],
	"Your setup": ["systems", "docker", "ide-and-agent-sdk", "networks", "teams", "fallback", "security"],
	"When something is wrong": ["troubleshooting", "tracing", "checking", "checks", "failures", "reporting-bugs"],
	"What it does": ["repairs", "fidelity", "resilience", "error-wordings", "performance", "comparison"],
	"For contributors": ["architecture", "adding-things", "testing"],
};

const titleOf = (page) =>
	/^# (.+)$/m.exec(readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), "utf8"))?.[1];

// VitePress resolves its own packages from the folder of the pages, so they have to be in this one.
cpSync(new URL("../../docs", import.meta.url), new URL("../pages", import.meta.url), { recursive: true });

export default defineConfig({
	title: "cc-any",
	description: "Run Claude Code on any model",
	srcDir: "pages",
	outDir: "dist",
	cleanUrls: true,
	rewrites: { "getting-started.md": "index.md" },
	markdown: {
		config(markdown) {
			// The pages are also read on GitHub and link to files beside docs/.
			markdown.core.ruler.push("files-of-the-repository", ({ tokens }) => {
				for (const { attrs } of tokens.flatMap(({ children }) => children ?? [])) {
					const link = attrs?.find(([name]) => name === "href");
					if (link?.[1].startsWith("../")) link[1] = `${source}/blob/main/${link[1].slice("../".length)}`;
				}
			});
		},
	},
	themeConfig: {
		search: { provider: "local" },
		sidebar: Object.entries(GROUPS).map(([text, pages]) => ({
			text,
			items: pages.map((page) => ({ text: titleOf(page), link: page === "getting-started" ? "/" : `/${page}` })),
		})),
		socialLinks: [{ icon: "github", link: source }],
		outline: [2, 3],
	},
});
