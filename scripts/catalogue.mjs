// Writes profiles/catalogue.json: windows, limits, prices and abilities of the models of every provider that a profile
// names as its `catalogue`, from an npm package that gathers them. Usage: npm run catalogue [-- VERSION|latest]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = "@earendil-works/pi-ai";
const profiles = new URL("../profiles/", import.meta.url);
const target = new URL("catalogue.json", profiles);
/** A router's prices are those of its cheapest upstream, and change by the hour. */
const WITHOUT_PRICES = ["openrouter"];

const wanted = process.argv[2] ?? JSON.parse(readFileSync(target, "utf8")).source.split("@").at(-1);
const folder = mkdtempSync(join(tmpdir(), "cc-any-catalogue-"));
try {
	const { version, providers } = readPackage(wanted);
	const date = npm("view", `${PACKAGE}@${version}`, "time", "--json")[version].slice(0, 10);
	writeFileSync(target, pageOf({ source: `npm ${PACKAGE}@${version}`, date }, providers));
	const count = Object.values(providers).reduce((sum, models) => sum + Object.keys(models).length, 0);
	process.stdout.write(`profiles/catalogue.json: ${count} models of ${Object.keys(providers).length} providers\n`);
} finally {
	rmSync(folder, { recursive: true, force: true });
}

function npm(...words) {
	return JSON.parse(
		execFileSync("npm", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
	);
}

/** The data files of the package, which is unpacked and never run. */
function readPackage(wanted) {
	const [{ filename, version }] = npm("pack", `${PACKAGE}@${wanted}`, "--json");
	execFileSync("tar", ["-xzf", filename], { cwd: folder });
	const data = join(folder, "package", "dist", "providers", "data");
	const providers = {};
	for (const provider of namedProviders()) {
		const groups = Object.values(JSON.parse(readFileSync(join(data, `${provider}.json`), "utf8")));
		const models = groups.flatMap((group) => Object.values(group)).filter(({ type }) => type === "chat");
		models.sort((one, other) => (one.id < other.id ? -1 : 1));
		const facts = models.map((model) => [model.id, factsOf(model, !WITHOUT_PRICES.includes(provider))]);
		providers[provider] = Object.fromEntries(facts);
	}
	return { version, providers };
}

function namedProviders() {
	const files = readdirSync(profiles).filter((file) => file.endsWith(".yaml"));
	const text = files.map((file) => readFileSync(new URL(file, profiles), "utf8")).join("\n");
	return [...new Set([...text.matchAll(/^ *catalogue: (\S+)$/gm)].map(([, provider]) => provider))].sort();
}

function factsOf({ contextWindow, maxTokens, cost, input, reasoning, thinkingLevelMap }, withPrice) {
	return {
		contextWindow: contextWindow || undefined,
		maxOutput: maxTokens || undefined,
		price: withPrice ? priceOf(cost) : undefined,
		vision: input.includes("image"),
		thinking: !reasoning ? "none" : thinkingLevelMap?.off === null ? "always" : "toggle",
	};
}

/** A price of zero says that the package does not know it: it is left out. */
function priceOf({ input, output, cacheRead, cacheWrite, tiers = [] }) {
	if (!input && !output) return undefined;
	const above = tiers.map(({ inputTokensAbove: tokens, ...prices }) => ({ tokens, ...priceOf(prices) }));
	return {
		...{ input, output, cacheRead: cacheRead || undefined, cacheWrite: cacheWrite || undefined },
		above: above.length > 0 ? above : undefined,
	};
}

/** A line for each model, so that a refresh is a diff that can be read. */
function pageOf(head, providers) {
	const lines = (entries, indent, text) =>
		entries.map(([name, value]) => `${indent}${JSON.stringify(name)}: ${text(value)}`).join(",\n");
	const models = (all) => `{\n${lines(Object.entries(all), "\t\t\t", JSON.stringify)}\n\t\t}`;
	return `{\n${lines(Object.entries(head), "\t", JSON.stringify)},\n\t"providers": {\n${lines(Object.entries(providers), "\t\t", models)}\n\t}\n}\n`;
}
