import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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
	// `prepare` builds a clone; see scripts/packed-manifest.mjs.
	expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([]);
});

test("the packed package.json has no `prepare`, about which npm would warn; afterwards it is as before", () => {
	const { scripts } = read("package.json");
	const folder = mkdtempSync(join(tmpdir(), "cc-any-manifest-"));
	mkdirSync(join(folder, "scripts"));
	for (const file of ["package.json", "scripts/packed-manifest.mjs"]) cpSync(resolve(root, file), join(folder, file));
	const manifest = () => readFileSync(join(folder, "package.json"), "utf8");
	const before = manifest();
	const run = (script: string) => execFileSync(process.execPath, script.split(" ").slice(1), { cwd: folder });
	// The build comes with it: without `prepare`, npm would pack an old one, or none.
	const [build, hide] = scripts.prepack.split(" && ");
	expect(build).toBe("npm run build");
	run(hide);
	expect(JSON.parse(manifest()).scripts.prepare).toBeUndefined();
	run(scripts.postpack);
	expect(manifest()).toBe(before);
	rmSync(folder, { recursive: true });
});
