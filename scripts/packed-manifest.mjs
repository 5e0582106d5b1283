// `prepare` builds a clone. npm never runs it for an installed package, but warns about it when a packed file is installed.
// So `prepack` renames it (`hide`) and `postpack` restores it (`show`): the package.json in the package has no `prepare`.

import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../package.json", import.meta.url);
const [SHOWN, HIDDEN] = ['"prepare":', '"prepare-in-a-clone":'];

const [from, to] = process.argv[2] === "hide" ? [SHOWN, HIDDEN] : [HIDDEN, SHOWN];
writeFileSync(FILE, readFileSync(FILE, "utf8").replace(from, to));
