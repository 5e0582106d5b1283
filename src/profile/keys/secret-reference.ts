/**
 * Names of secrets in other programs, which people write in place of the secret: `op://vault/item/field`,
 * `aws-sm:name`, an ARN. No provider's key has a scheme.
 */
const REFERENCE =
	/^(?:\{\{ *)?(?:(?!https?:)[a-z][a-z0-9+.-]*:\/\/|(?:op|1password|vault|aws-sm|aws-ssm|ssm|secretsmanager|gcp-sm|gsm|sm|azure-kv|akv|keychain|keyring|secret|secret-tool|pass|gopass|bw|bitwarden|lastpass|lpass|doppler|infisical|sops|env|file|command|cmd|exec):|arn:aws|!)/i;

const COMMANDS: readonly [scheme: RegExp, command: string][] = [
	[/^(?:\{\{ *)?(?:op|1password):/i, 'op read "op://VAULT/ITEM/FIELD"'],
	[/^vault:/i, "vault kv get -field=FIELD PATH"],
	[
		/^(?:aws-sm|secretsmanager|arn:aws)/i,
		"aws secretsmanager get-secret-value --secret-id NAME --query SecretString --output text",
	],
	[/^(?:aws-)?ssm:/i, "aws ssm get-parameter --name NAME --with-decryption --query Parameter.Value --output text"],
	[/^(?:gcp-sm|gsm|sm):/i, "gcloud secrets versions access latest --secret NAME"],
	[/^(?:azure-kv|akv):/i, "az keyvault secret show --vault-name VAULT --name NAME --query value -o tsv"],
	[/^keychain:/i, "security find-generic-password -s NAME -w"],
	[/^(?:keyring|secret|secret-tool):/i, "secret-tool lookup ATTRIBUTE VALUE"],
	[/^(?:bw|bitwarden):/i, "bw get password NAME"],
	[/^doppler:/i, "doppler secrets get NAME --plain"],
	[/^infisical:/i, "infisical secrets get NAME --plain"],
];

/**
 * The key command that reads what a value refers to if the value is not the key but only names it: it must never be
 * sent as the key. Undefined for anything else.
 */
export function commandForReference(value: string): string | undefined {
	if (!REFERENCE.test(value)) return undefined;
	return COMMANDS.find(([scheme]) => scheme.test(value))?.[1] ?? "PROGRAM ARGUMENTS";
}
