import { isObject } from "../platform/json.ts";
import { describeModel } from "../profile/model/describe-model.ts";
import { modelOf, type Profile, TIERS } from "../profile/model/profile.ts";
import type { Settings } from "./settings.ts";

/** A row of `/model`, as Claude Code's `modelPicker` setting takes it. */
export interface ModelRow {
	model: string;
	label: string;
	description: string;
}

/** Rows for the tiers' models of the profiles in `also`. */
export function modelRows({ others = [] }: Profile): ModelRow[] {
	return others.flatMap((other) => rowsOf(other, `${other.name}/`, other.title));
}

function rowsOf(profile: Profile, prefix: string, title?: string): ModelRow[] {
	return tierModels(profile).map((id) => {
		const model = modelOf(profile, id);
		const description = [title, describeModel(model)].filter(Boolean).join(" · ");
		return { model: `${prefix}${id}`, label: model.title ?? id, description };
	});
}

function tierModels({ tiers }: Profile): string[] {
	return [...new Set(TIERS.map((tier) => tiers[tier]))];
}

/** Claude Code has a row for each of its aliases. */
const ALIAS_ROWS = 4;

/**
 * Claude Code's `modelPicker` setting with cc-any's rows after the user's own, which must be repeated because Claude
 * Code reads the setting from one place only. Where tiers share a model, which Claude Code would list once for each tier,
 * rows for the models replace its own. Undefined when there is nothing to change. Versions before 2.1.3xx ignore it.
 */
export function modelPickerSetting(profile: Profile, own: unknown): Settings | undefined {
	const rows = modelRows(profile);
	const isRepeated = tierModels(profile).length < ALIAS_ROWS;
	if (own === undefined && isRepeated)
		return { options: [...rowsOf(profile, ""), ...rows], replaceBuiltInOptions: true };
	if (rows.length === 0) return undefined;
	const picker = isObject(own) ? own : {};
	const options = Array.isArray(picker["options"]) ? picker["options"] : [];
	return { ...picker, options: [...options, ...rows] };
}
