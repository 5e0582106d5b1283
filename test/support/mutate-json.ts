type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Values of each kind, as broken clients and hostile ones send them. */
const VALUES: readonly Json[] = [
	null,
	true,
	0,
	-1,
	1.5,
	1e308,
	"",
	"x",
	"auto",
	"\ud800\u0000",
	"tool",
	"assistant",
	"long ".repeat(1000),
	[],
	{},
	["x"],
	[null],
	[[]],
	{ type: "text" },
	{ type: "future_block", data: {} },
	{ type: 5 },
	{ constructor: 1, hasOwnProperty: "x" },
	JSON.parse('{"__proto__":{"type":"text"},"type":"image"}'),
];

/** A generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

type Container = Json[] | { [name: string]: Json };

/** A copy in which one to three random values are replaced, removed, doubled or overwritten by another part of it. */
export function mutate(original: object, random: () => number): object {
	const copy = clone(original as Container);
	for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
		const { parent, name } = placeIn(copy, random);
		const dice = random();
		if (dice < 0.4) set(parent, name, pick(VALUES.filter(isLike(valueAt(parent, name))), random));
		else if (dice < 0.55) set(parent, name, pick(VALUES, random));
		else if (dice < 0.75) remove(parent, name);
		else if (dice < 0.85 && Array.isArray(parent)) parent.push(clone(parent[Number(name)] ?? null));
		else {
			const other = placeIn(copy, random);
			set(parent, name, valueAt(other.parent, other.name));
		}
	}
	return copy;
}

/** Half of the mutants must pass the schema, or nothing after it is tested. */
function isLike(value: Json): (other: Json) => boolean {
	return (other) => typeof other === typeof value && Array.isArray(other) === Array.isArray(value);
}

/** A random place. Each level is as likely as its parent: most values of a real request are deep in its tool schemas. */
function placeIn(parent: Container, random: () => number): { parent: Container; name: string } {
	const name = pick(Object.keys(parent), random) ?? "0";
	const inner = valueAt(parent, name);
	const goesDeeper = typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && random() < 0.8;
	return goesDeeper ? placeIn(inner, random) : { parent, name };
}

function valueAt(parent: Container, name: string): Json {
	return (Array.isArray(parent) ? parent[Number(name)] : parent[name]) ?? null;
}

function set(parent: Container, name: string, value: Json | undefined): void {
	Object.assign(parent, { [name]: clone(value ?? null) });
}

function remove(parent: Container, name: string): void {
	if (Array.isArray(parent)) parent.splice(Number(name), 1);
	else delete parent[name];
}

function clone<Value extends Json>(value: Value): Value {
	return JSON.parse(JSON.stringify(value));
}

function pick<Item>(items: readonly Item[], random: () => number): Item | undefined {
	return items[Math.floor(random() * items.length)];
}
