import {
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFileAtomic } from "../../src/platform/atomic-write.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cc-any-replace-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("creates missing folders, private to the user, and leaves no draft", () => {
	const file = join(folder, "a/b/keys.json");
	writeFileAtomic(file, "first");
	writeFileAtomic(file, "second");
	expect(readFileSync(file, "utf8")).toBe("second");
	expect(readdirSync(join(folder, "a/b"))).toEqual(["keys.json"]);
	expect(statSync(file).mode & 0o777).toBe(0o600);
	expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o700);
});

test("a readable draft of an earlier crash does not make the file readable", () => {
	const file = join(folder, "keys.json");
	writeFileSync(`${file}.${process.pid}`, "", { mode: 0o644 });
	writeFileAtomic(file, "whole");
	expect(statSync(file).mode & 0o777).toBe(0o600);
});

// Linux has the device.
test.runIf(existsSync("/dev/full"))("on a full disk the old file stays, and no draft", () => {
	const file = join(folder, "keys.json");
	writeFileAtomic(file, "old");
	symlinkSync("/dev/full", `${file}.${process.pid}`);
	expect(() => writeFileAtomic(file, "new")).toThrow("ENOSPC");
	expect(readdirSync(folder)).toEqual(["keys.json"]);
	expect(readFileSync(file, "utf8")).toBe("old");
});

test("a config that is a link to one among dotfiles stays a link", () => {
	mkdirSync(join(folder, "dotfiles"));
	writeFileSync(join(folder, "dotfiles/config.yaml"), "profile: kimi\n");
	const link = join(folder, "config.yaml");
	symlinkSync("dotfiles/config.yaml", link);
	writeFileAtomic(link, "profile: deepseek\n");
	expect(lstatSync(link).isSymbolicLink()).toBe(true);
	expect(readFileSync(join(folder, "dotfiles/config.yaml"), "utf8")).toBe("profile: deepseek\n");
});
