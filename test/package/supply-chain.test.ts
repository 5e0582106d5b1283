import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string) => JSON.parse(readFileSync(resolve(root, file), "utf8"));

interface LockedPackage {
	integrity?: string;
	dev?: boolean;
	hasInstallScript?: boolean;
}

const packages = Object.entries<LockedPackage>(read("package-lock.json").packages).filter(([path]) => path !== "");

test("every locked package has a checksum", () => {
	expect(packages.length).toBeGreaterThan(100);
	expect(packages.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
});

test("no package that users install runs a script at install", () => {
	const scripts = packages.filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev);
	expect(scripts.map(([path]) => path)).toEqual([]);
	// `prepare` builds a clone. npm does not run it for a published package.
	const own = Object.keys(read("package.json").scripts);
	expect(own.filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([]);
});
