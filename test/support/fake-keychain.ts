import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A fake of an operating system's program for secrets, which notes how it was called. */
export interface FakeKeychain {
	/** Each call's command line, without what came on standard input. */
	calls(): string[];
	/** The last command on standard input; undefined if it reads none. */
	input(): string | undefined;
	/** What it has, by account. */
	entry(name: string): string | undefined;
	/** From now on it ends like this instead. */
	break(line: string): void;
}

const ACCOUNT = /(account |-a "?)(\w+)/.source;

/** `secret-tool`, which reads the secret from standard input, or `security`, which reads a command from there. */
const BODIES = {
	"secret-tool": `
case "$1" in
	store) cat > "$folder/$name.entry" ;;
	lookup) [ -f "$folder/$name.entry" ] && cat "$folder/$name.entry" ;;
	clear) rm -f "$folder/$name.entry" ;;
esac`,
	security: `
case "$1" in
	-i)
		read -r line
		printf %s "$line" > "$folder/input"
		name=$(printf %s "$line" | sed -E 's/.*${ACCOUNT}.*/\\2/')
		printf %s "$line" | sed -E 's/.*-X "([0-9a-f]+)".*/\\1/' | sed 's/../\\\\x&/g' > "$folder/hex"
		printf "$(cat "$folder/hex")" > "$folder/$name.entry" ;;
	find-generic-password) [ -f "$folder/$name.entry" ] && { cat "$folder/$name.entry"; echo; } ;;
	delete-generic-password) rm "$folder/$name.entry" ;;
esac`,
} as const;

/** Puts the fake into a folder that is to be on PATH. */
export function installKeychain(program: keyof typeof BODIES, folder: string): FakeKeychain {
	const log = join(folder, "calls.log");
	const broken = join(folder, "broken");
	const script = `#!/bin/bash
folder='${folder}'
echo "$*" >> '${log}'
[ -f '${broken}' ] && . '${broken}'
name=$(printf %s "$*" | sed -E 's/.*${ACCOUNT}.*/\\2/')
${BODIES[program]}
`;
	writeFileSync(join(folder, program), script);
	chmodSync(join(folder, program), 0o755);
	const textOf = (name: string) => {
		const file = join(folder, name);
		return existsSync(file) ? readFileSync(file, "utf8") : undefined;
	};
	return {
		calls: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []),
		input: () => textOf("input"),
		entry: (name) => textOf(`${name}.entry`),
		break: (line) => writeFileSync(broken, `${line}\n`),
	};
}
