import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findClaude, ownFolders } from "../../src/launch/find-claude.ts";
import { UserError } from "../../src/platform/user-error.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cc-any-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(path: string, mode = 0o755): string {
	const whole = join(folder, path);
	mkdirSync(dirname(whole), { recursive: true });
	writeFileSync(whole, "#!/bin/sh\n");
	chmodSync(whole, mode);
	return whole;
}

const variables = (more: Record<string, string> = {}) => ({ HOME: join(folder, "home"), PATH: "", ...more });

test("the order: --claude, CC_ANY_CLAUDE, PATH, install places, cc-any's own node_modules", () => {
	const own = program("package/node_modules/.bin/claude");
	const search = { packageRoot: join(folder, "package") };
	// The machine may have a claude in another install folder; the test's own folders precede it.
	expect([own, "/usr/local/bin/claude", join(dirname(process.execPath), "claude")]).toContain(
		findClaude({ ...search, variables: variables() }),
	);
	const installed = program("home/.local/bin/claude");
	expect(findClaude({ ...search, variables: variables() })).toBe(installed);
	const onPath = program("bin/claude");
	const PATH = `${join(folder, "empty")}:${join(folder, "bin")}`;
	expect(findClaude({ ...search, variables: variables({ PATH }) })).toBe(onPath);
	const CC_ANY_CLAUDE = program("variable/claude");
	expect(findClaude({ ...search, variables: variables({ PATH, CC_ANY_CLAUDE }) })).toBe(CC_ANY_CLAUDE);
	const given = program("given/my-claude");
	expect(findClaude({ ...search, given, variables: variables({ PATH, CC_ANY_CLAUDE }) })).toBe(given);
});

test.each([".claude/local/claude", ".claude/local/node_modules/.bin/claude", ".npm-global/bin/claude"])(
	"~/%s",
	(path) => {
		const installed = program(join("home", path));
		expect(findClaude({ variables: variables({ npm_config_prefix: join(folder, "nowhere") }) })).toBe(installed);
	},
);

test("the prefix of npm", () => {
	const installed = program("prefix/bin/claude");
	expect(findClaude({ variables: variables({ npm_config_prefix: join(folder, "prefix") }) })).toBe(installed);
});

test("a bare name is looked up on PATH, ~ is home", () => {
	const dev = program("bin/claude-dev");
	expect(findClaude({ given: "claude-dev", variables: variables({ PATH: join(folder, "bin") }) })).toBe(dev);
	const homely = program("home/c/claude");
	expect(findClaude({ variables: variables({ CC_ANY_CLAUDE: "~/c/claude" }) })).toBe(homely);
});

test("folders, files without the x bit and relative entries of PATH are skipped", () => {
	mkdirSync(join(folder, "a/claude"), { recursive: true });
	program("b/claude", 0o644);
	const good = program("c/claude");
	const PATH = ["relative", ".", "", "a", "b", "c"]
		.map((entry, index) => (index < 3 ? entry : join(folder, entry)))
		.join(":");
	expect(findClaude({ variables: variables({ PATH }) })).toBe(good);
});

test.each([".", "", "bin", "./bin"])("a claude in the current folder is not run by the entry %j of PATH", (entry) => {
	program("repository/claude");
	program("repository/bin/claude");
	const good = program("good/claude");
	const before = process.cwd();
	process.chdir(join(folder, "repository"));
	try {
		const PATH = `${entry}:${join(folder, "good")}`;
		expect(findClaude({ variables: variables({ PATH }) })).toBe(good);
		expect(() => findClaude({ given: "no-such-claude", variables: variables({ PATH: entry }) })).toThrow(UserError);
		expect(() => findClaude({ given: "claude", variables: variables({ PATH: entry }) })).toThrow(UserError);
	} finally {
		process.chdir(before);
	}
});

test("cc-any under the name of claude is not claude", () => {
	mkdirSync(join(folder, "a"));
	symlinkSync(process.argv[1] as string, join(folder, "a/claude"));
	const good = program("b/claude");
	const PATH = `${join(folder, "a")}:${join(folder, "b")}`;
	expect(findClaude({ variables: variables({ PATH }) })).toBe(good);
});

test.each(["--claude", "CC_ANY_CLAUDE"])("%s that cannot be run is an error, not a reason to look on", (source) => {
	program("bin/claude");
	const more = {
		PATH: join(folder, "bin"),
		...(source === "CC_ANY_CLAUDE" ? { CC_ANY_CLAUDE: "/nowhere/claude" } : {}),
	};
	const given = source === "--claude" ? "/nowhere/claude" : undefined;
	const search = () => findClaude({ given, variables: variables(more) });
	expect(search).toThrow(UserError);
	expect(search).toThrow(`${source} names /nowhere/claude`);
});

test("on Windows: claude.exe or claude.cmd, with `Path` separated by semicolons, never npm's script for POSIX shells", () => {
	program("npm/claude");
	const command = program("npm/claude.cmd");
	const Path = [join(folder, "none"), ".", join(folder, "npm")].join(";");
	const search = { platform: "win32", variables: { USERPROFILE: join(folder, "home"), Path } } as const;
	expect(findClaude(search)).toBe(command);
	const own = program("npm/claude.exe");
	expect(findClaude(search)).toBe(own);
	const APPDATA = join(folder, "roaming");
	const installed = program("roaming/npm/claude.cmd");
	expect(findClaude({ ...search, variables: { USERPROFILE: join(folder, "home"), APPDATA } })).toBe(installed);
});

test("in WSL, the folders of Windows, which are on PATH too, are not searched", () => {
	const folders = ["/usr/bin", "/mnt/c/Users/x/AppData/Roaming/npm", "/mnt/data/bin"];
	expect(ownFolders(folders, { WSL_DISTRO_NAME: "Debian" })).toEqual(["/usr/bin", "/mnt/data/bin"]);
	expect(ownFolders(folders, {})).toEqual(folders);
});
