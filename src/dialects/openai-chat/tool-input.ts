type JsonObject = { [key: string]: unknown };

/**
 * The input of one tool call, put together from what the provider calls `arguments`: fragments of a JSON text
 * (OpenAI), an object, or an object that grows from piece to piece (gateways in front of MiniMax). Also a text that is
 * sent again from its beginning, longer each time: only the end can tell such a text from fragments, so what follows a
 * repeated beginning is held back.
 */
export class ToolInput {
	#text = "";
	#object: JsonObject | undefined;
	#held: { appended: string; cumulative: string } | undefined;

	/** Takes one piece and returns what may be written of it now. */
	push(piece: unknown): string {
		if (typeof piece === "object" && piece !== null) {
			this.#object = mergeObjects(this.#object ?? {}, piece as JsonObject);
			return "";
		}
		if (typeof piece !== "string" || piece === "") return "";
		if (this.#held) {
			this.#held.appended += piece;
			this.#held.cumulative = piece.startsWith(this.#text)
				? piece.slice(this.#text.length)
				: this.#held.cumulative + piece;
			return "";
		}
		if (this.#text.length > 1 && piece.startsWith(this.#text)) {
			this.#held = { appended: piece, cumulative: piece.slice(this.#text.length) };
			return "";
		}
		this.#text += piece;
		return piece;
	}

	/** What is left to be written. */
	end(): string {
		const rest = this.#rest();
		this.#object = undefined;
		this.#held = undefined;
		this.#text += rest;
		return rest;
	}

	/** Whether the fragments so far are a whole JSON text. */
	get isComplete(): boolean {
		return isJson(this.#text);
	}

	#rest(): string {
		if (this.#held) {
			return isJson(this.#text + this.#held.appended) || !isJson(this.#text + this.#held.cumulative)
				? this.#held.appended
				: this.#held.cumulative;
		}
		return this.#object && this.#text === "" ? JSON.stringify(this.#object) : "";
	}
}

/** Later values win; objects are joined, lists that grow are replaced. */
function mergeObjects(left: JsonObject, right: JsonObject): JsonObject {
	const merged: JsonObject = { ...left };
	for (const [key, value] of Object.entries(right)) {
		const before = merged[key];
		merged[key] = isObject(before) && isObject(value) ? mergeObjects(before, value) : value;
	}
	return merged;
}

function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return false;
	}
}
