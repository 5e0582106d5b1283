/** Parts of a model's name that say how it is served, not which model it is: dates, builds, precision, tuning. */
const SERVING_SUFFIX =
	/-(?:\d{3,8}|20\d{2}-\d{2}-\d{2}|\d{2}-\d{2,4}|latest|preview|exp|instruct|it|chat|hf|maas|gguf|mlx|fp\d+|nvfp\d+|mxfp\d+|bf\d+|int\d+|awq|gptq|\dbit|q\d(?:-k)?(?:-[sml])?)$/;

/**
 * Whether two ids name the same model: `gpt-4o` and `gpt-4o-2024-08-06`, `z-ai/glm-4.6:free` and `GLM-4.6`, or the path of
 * a local file. `gpt-4o` and `gpt-4o-mini` do not.
 */
export function isSameModel(one: string, other: string): boolean {
	return plainName(one) === plainName(other);
}

function plainName(id: string): string {
	const [name = ""] = (id.toLowerCase().split("/").at(-1) ?? "").split(/[:@]/);
	// Bedrock: us.anthropic.claude-…
	const words = name.replace(/^(?:[a-z]+\.)+(?=[a-z])/, "").replace(/\.gguf$/, "");
	let plain = words.replace(/[._\s]+/g, "-");
	while (SERVING_SUFFIX.test(plain)) plain = plain.replace(SERVING_SUFFIX, "");
	return plain;
}
