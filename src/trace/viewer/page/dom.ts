type Child = Node | string | undefined | false;
type Properties = Record<string, string | number | boolean | ((event: never) => void) | undefined>;

/** Creates an element. Text is always set as text, so that nothing recorded can become markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	properties: Properties = {},
	...children: Child[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (value === undefined || value === false) continue;
		if (typeof value === "function") element.addEventListener(name, value as unknown as EventListener);
		else if (name === "class") element.className = String(value);
		else element.setAttribute(name, value === true ? "" : String(value));
	}
	for (const child of children) if (child !== undefined && child !== false) element.append(child);
	return element;
}

/** An element that the page must have. */
export function byId<T extends HTMLElement>(id: string): T {
	const element = document.getElementById(id);
	if (!element) throw new Error(`the page has no element ${id}`);
	return element as T;
}
