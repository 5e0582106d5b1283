import { expect, test } from "vitest";
import { Resources } from "../../src/cli/session.ts";

test("resources are released in the reverse order, once", async () => {
	const released: string[] = [];
	const resources = new Resources();
	for (const name of ["settings", "proxy", "child"]) resources.add(async () => void released.push(name));
	await resources.release();
	await resources.release();
	expect(released).toEqual(["child", "proxy", "settings"]);
});

test("one that fails does not prevent the others; the failure is thrown", async () => {
	const released: string[] = [];
	const resources = new Resources();
	resources.add(() => void released.push("first"));
	resources.add(() => Promise.reject(new Error("stuck")));
	resources.add(() => void released.push("last"));
	await expect(resources.release()).rejects.toThrow("stuck");
	expect(released).toEqual(["last", "first"]);
});
