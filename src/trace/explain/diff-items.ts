/** One piece of a conversation, in a form that all wires share. */
export interface Item {
	/** `system`, `user: text`, `assistant: tool_use Bash`. */
	name: string;
	/** Text, or JSON; white space is normalised, because wires join texts differently. */
	value: string;
	/** Index in the conversation; undefined for a system prompt with a field of its own. */
	message: number | undefined;
}

/** An item that was removed, added or replaced. */
export interface ItemDifference {
	before: Item | undefined;
	after: Item | undefined;
	/** The item at which the differing run begins before the change; undefined at the end. */
	anchor: Item | undefined;
}

/** Items compared ahead to find where two lists continue alike; longer differences are reported item by item. */
const MAX_LOOKAHEAD_ITEMS = 40;

/** Pairs items in order. A run that differs is reported as what was removed and what was added. */
export function diffItems(before: readonly Item[], after: readonly Item[]): ItemDifference[] {
	const differences: ItemDifference[] = [];
	let [i, j] = [0, 0];
	while (i < before.length || j < after.length) {
		if (isSame(before[i], after[j])) {
			i++;
			j++;
			continue;
		}
		const [removed, added] = nextCommon(before, i, after, j);
		for (let step = 0; step < Math.max(removed, added); step++) {
			differences.push({
				before: step < removed ? before[i + step] : undefined,
				after: step < added ? after[j + step] : undefined,
				anchor: before[i],
			});
		}
		i += removed;
		j += added;
	}
	return differences;
}

function isSame(a: Item | undefined, b: Item | undefined): boolean {
	return a !== undefined && b !== undefined && a.name === b.name && a.value === b.value;
}

/** How many items to skip on each side until both continue alike: the fewest in all. */
function nextCommon(before: readonly Item[], i: number, after: readonly Item[], j: number): [number, number] {
	for (let total = 1; total <= MAX_LOOKAHEAD_ITEMS; total++) {
		for (let removed = 0; removed <= total; removed++) {
			const added = total - removed;
			const isBothEnd = i + removed === before.length && j + added === after.length;
			if (isBothEnd || isSame(before[i + removed], after[j + added])) return [removed, added];
		}
	}
	return [i < before.length ? 1 : 0, j < after.length ? 1 : 0];
}
