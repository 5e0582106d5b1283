import type { Command } from "commander";

/** Shells with a completion script; the scripts call `words`. */
export type CompletionTarget = "bash" | "zsh" | "fish" | "powershell" | "words";

/**
 * `cc-any completion SHELL`: prints a script that calls cc-any for candidates, so that it always has the current
 * profiles.
 */
export async function complete(
	target: CompletionTarget,
	words: readonly string[],
	program: () => Command,
): Promise<void> {
	if (target !== "words") {
		process.stdout.write(SCRIPTS[target]);
		return;
	}
	const { completeWords } = await import("./complete-words.ts");
	await completeWords(words, program());
}

/**
 * PowerShell drops an empty word before its version 7.3, so its script writes two quotes. It also takes a plain `--` away from
 * the `cc-any.ps1` that npm installs (github.com/npm/cli/issues/4903).
 */
const SCRIPTS: Readonly<Record<Exclude<CompletionTarget, "words">, string>> = {
	bash: `# In ~/.bashrc: source <(cc-any completion bash)
_cc_any() {
	local IFS=$'\\n'
	COMPREPLY=($(cc-any completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _cc_any cc-any
`,
	zsh: `# In ~/.zshrc, after compinit: source <(cc-any completion zsh)
_cc_any() {
	local -a found
	found=("\${(@f)$(cc-any completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
	[[ -n "$found[1]" ]] && compadd -- $found || _files
}
compdef _cc_any cc-any
`,
	fish: `# cc-any completion fish > ~/.config/fish/completions/cc-any.fish
complete -c cc-any -a '(cc-any completion words -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
	powershell: `# In $PROFILE: cc-any completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName cc-any -ScriptBlock {
	param($word, $ast, $cursor)
	$words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
	if ($word -eq '') { $words += '""' }
	cc-any completion words '--' @words 2>$null |
		ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`,
};
