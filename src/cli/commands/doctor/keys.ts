import type { ProfileKey } from "../../../profile/model/target.ts";
import type { ModelList } from "../../../upstream/http/list-models.ts";
import type { DoctorFinding } from "./finding.ts";

/** What a provider makes of each key of a profile that has several, and its answer to the first one that works, or else to the first. */
export async function examineKeys(
	keys: readonly ProfileKey[],
	listWith: (key: { key: string }) => Promise<ModelList>,
): Promise<{ findings: DoctorFinding[]; list: ModelList; working: ProfileKey | undefined }> {
	const answers = await Promise.all(keys.map(({ value }) => listWith({ key: value })));
	const found = answers.findIndex(({ status }) => KEY_PROBLEMS[status] === undefined);
	const findings = keys.map(({ name }, index): DoctorFinding => {
		const status = answers[index]?.status ?? 0;
		const place = `${index + 1} of ${keys.length}`;
		const problem = KEY_PROBLEMS[status];
		if (problem === undefined) return { check: `key ${name}`, state: "ok", text: `${place}: accepted` };
		const text = `${place}: ${problem} (HTTP ${status})`;
		if (found < 0) return { check: `key ${name}`, state: "failed", text };
		const fix = "the other keys of the profile are used while this one fails";
		return { check: `key ${name}`, state: "warning", text, fix };
	});
	const list = answers[Math.max(0, found)];
	if (!list) throw new Error("a profile with several keys has none");
	return { findings, list, working: keys[found] };
}

/** What a status says of the key. */
export const KEY_PROBLEMS: Readonly<Record<number, string>> = {
	401: "refused",
	402: "without money",
	403: "refused",
	429: "at its limit now",
};
