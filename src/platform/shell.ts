/** The text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The shell that hints and printed commands are written for. */
interface UserShell {
	/** The text as one word, quoted if it needs that. */
	word(text: string): string;
	/** The command that sets a variable. */
	set(name: string, value: string): string;
	/** The command that sets a variable to the value of another. */
	copy(name: string, from: string): string;
	unset(name: string): string;
}

export const POSIX_SHELL: UserShell = {
	word: (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text)),
	set: (name, value) => `export ${name}=${POSIX_SHELL.word(value)}`,
	copy: (name, from) => `export ${name}="$${from}"`,
	unset: (name) => `unset ${name}`,
};

const powerShellQuoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const POWERSHELL: UserShell = {
	word: (text) => (/^[\w+=:./\\-]+$/.test(text) ? text : powerShellQuoted(text)),
	set: (name, value) => `$env:${name} = ${powerShellQuoted(value)}`,
	copy: (name, from) => `$env:${name} = $env:${from}`,
	unset: (name) => `Remove-Item Env:${name}`,
};

export const userShell = process.platform === "win32" ? POWERSHELL : POSIX_SHELL;
