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
	return others.flatMap((other) => {
		const ids = [...new Set(TIERS.map((tier) => other.tiers[tier]))];
		return ids.map((id) => {
			const model = modelOf(other, id);
			const description = [other.title, describeModel(model)].filter(Boolean).join(" · ");
			return { model: `${other.name}/${id}`, label: model.title ?? id, description };
		});
	});
}

/**
 * Claude Code's `modelPicker` setting with cc-any's rows after the user's own, which must be repeated because Claude
 * Code reads the setting from one place only. Undefined when there is nothing to add. Versions before 2.1.3xx ignore
 * it.
 */
export function modelPickerSetting(rows: readonly ModelRow[], own: unknown): Settings | undefined {
	if (rows.length === 0) return undefined;
	const picker = isObject(own) ? own : {};
	const options = Array.isArray(picker["options"]) ? picker["options"] : [];
	return { ...picker, options: [...options, ...rows] };
}
