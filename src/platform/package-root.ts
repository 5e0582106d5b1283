import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let found: string | undefined;

/** The folder of the cc-any package, from a source file or from any depth of dist/. */
export function packageRoot(): string {
	if (found) return found;
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, "package.json"))) {
		const parent = dirname(folder);
		if (parent === folder) throw new Error("cc-any is not inside a package: its package.json is missing");
		folder = parent;
	}
	found = folder;
	return found;
}

/** A page of the documentation that the package contains, as a path that an editor opens. */
export function docsPage(name: string): string {
	return join(packageRoot(), "docs", name);
}
