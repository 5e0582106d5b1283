import { runTests } from "./run-tests.ts";
import type { ClaudeTask } from "./task.ts";

/** Not in the repository that the model gets: written when it has finished. */
const OUTCOME = `import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { greet, loadUser, report } from "./src/index.js";
import { fetchUserGroups } from "./src/users.js";

const files = ["README.md", ...readdirSync("src").map((name) => "src/" + name)];

test("the function has its new name, and does what it did", () => {
	assert.equal(loadUser(2).name, "Mara");
	assert.equal(report(2), "Mara: readers, writers");
	assert.equal(greet(1), "Hello, Ada!");
});
test("the old name is nowhere", () => {
	assert.equal(files.length, 5);
	for (const file of files) assert.doesNotMatch(readFileSync(file, "utf8"), /\\bfetchUser\\b/, file);
});
test("the longer name is what it was", () => {
	assert.deepEqual(fetchUserGroups(1), ["readers"]);
	assert.match(readFileSync("README.md", "utf8"), /\`fetchUserGroups\\(id\\)\`/);
});
`;

/** Five files, and another function whose name has the same prefix. */
export const rename: ClaudeTask = {
	name: "rename",
	prompt:
		"Rename the function fetchUser to loadUser in this whole repository: where it is defined, in every import and call " +
		"in src, and in README.md. The function fetchUserGroups keeps its name. Change nothing else. You cannot run anything " +
		"here: tests are run when you are done.",
	files: {
		"package.json": '{ "name": "users", "type": "module", "scripts": { "test": "node --test" } }\n',
		"README.md": `# Users

- \`fetchUser(id)\` gives one user.
- \`fetchUserGroups(id)\` gives the names of the groups that the user is in.
`,
		"src/users.js": `const USERS = [
	{ id: 1, name: "Ada", groups: ["readers"] },
	{ id: 2, name: "Mara", groups: ["readers", "writers"] },
];

export function fetchUser(id) {
	return USERS.find((user) => user.id === id);
}

export function fetchUserGroups(id) {
	return fetchUser(id)?.groups ?? [];
}
`,
		"src/report.js": `import { fetchUser, fetchUserGroups } from "./users.js";

export function report(id) {
	return \`\${fetchUser(id).name}: \${fetchUserGroups(id).join(", ")}\`;
}
`,
		"src/greet.js": `import { fetchUser } from "./users.js";

export function greet(id) {
	const user = fetchUser(id);
	return user ? \`Hello, \${user.name}!\` : "Hello!";
}
`,
		"src/index.js": `export { greet } from "./greet.js";
export { report } from "./report.js";
export { fetchUser } from "./users.js";
`,
	},
	calls: 12,
	judge: (folder) => runTests(folder, { "outcome.test.js": OUTCOME }),
};
