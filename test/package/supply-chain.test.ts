import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string) => JSON.parse(readFileSync(resolve(root, file), "utf8"));

interface LockedPackage {
	integrity?: string;
}

const packages = Object.entries<LockedPackage>(read("package-lock.json").packages).filter(([path]) => path !== "");

test("every locked package has a checksum", () => {
	expect(packages.length).toBeGreaterThan(100);
	expect(packages.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
});

test("users install no other package, and no script runs at install", () => {
	const { dependencies, optionalDependencies, peerDependencies, scripts } = read("package.json");
	expect([dependencies, optionalDependencies, peerDependencies]).toEqual([undefined, undefined, undefined]);
	// `prepare` builds a clone. npm does not run it for a published package.
	expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([]);
});
