import { imageDigest } from "../../pipeline/images.ts";
import { isObject } from "../../platform/json.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { RefusalFact } from "./facts.ts";
import { closestValue } from "./sent-fields.ts";

/** A fault of one image: its size, its format, its data. It says nothing about images in general. */
const ONE_IMAGE =
	/\bimages?\b[^.\n]{0,80}(?:too (?:large|big|small)|exceed|maximum|at most|larger than|smaller than|dimension|pixels|bytes|\bMB\b|corrupt|invalid|not (?:a )?valid|damaged|truncated|(?:does not|doesn't|do not) (?:match|represent|meet|contain))|(?:could not|cannot|fail(?:ed)? to|unable to) (?:process|decode|load|read|parse|open|identify|download|fetch)[^.\n]{0,40}\bimages?\b|(?:invalid|unsupported|corrupt\w*|malformed) (?:base64 )?image\b(?! detail)|image (?:media )?(?:format|type)|media_type|image decode|图片.{0,10}错误/i;

const SIZE = /too (?:large|big)|exceed|maximum|at most|larger than|dimension|pixels|\bMB\b/i;
const TOO_MANY =
	/too many images|(?:maximum|at most|limit|more than|exceeds?)[^.\n]{0,40}\b(\d{1,4}) images?|images? per (?:request|prompt)/i;
const NO_IMAGES =
	/(?:not|n't|no endpoints found that) support\w*[^.\n]{0,30}\bimages?\b|\bimages?( inputs?)? (?:is|are) not(?! (?:a )?valid)|\bmodels?\b[^.\n]{0,40}(?:cannot|can't|can not|unable to)[^.\n]{0,30}\bimages?\b/i;

/** The image that is refused, where others may be accepted. */
export function factOfImage({ message, refusal }: Failure, body: object): RefusalFact | undefined {
	const images = imagesIn(body);
	const [first] = images;
	if (!first || NO_IMAGES.test(message)) return undefined;
	const tooMany = TOO_MANY.exec(message);
	if (!tooMany && !ONE_IMAGE.test(message)) return undefined;
	const paths = refusal?.paths ?? [];
	const named = paths.flatMap((path) => imagesIn(closestValue(body, path)));
	const largest = images.toSorted((one, other) => other.length - one.length).slice(0, 1);
	const byWords = SIZE.test(message) ? largest : images.slice(-1);
	const refused = tooMany ? images.slice(0, surplus(images.length, tooMany[1])) : named.length === 1 ? named : byWords;
	const done =
		refused.length === 1 ? "with a note in place of one image" : `with notes in place of ${refused.length} images`;
	return { images: refused.map(imageDigest), done };
}

/** How many of the oldest images are left out; half of them if the message names no limit. */
function surplus(count: number, limit: string | undefined): number {
	const named = limit === undefined ? Math.floor(count / 2) : Number(limit);
	return named < count ? count - named : Math.ceil(count / 2);
}

/** Data or address of each image in a body of any dialect, in order. */
export function imagesIn(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap(imagesIn);
	if (!isObject(value)) return [];
	const { type, image_url, source, inlineData } = value;
	if (type === "image" && isObject(source)) return textOf(source["data"] ?? source["url"]);
	if (type === "image_url" || type === "input_image")
		return textOf(isObject(image_url) ? image_url["url"] : image_url).map((url) => url.replace(/^data:[^,]*,/, ""));
	if (isObject(inlineData)) return /^image/.test(String(inlineData["mimeType"])) ? textOf(inlineData["data"]) : [];
	return Object.values(value).flatMap(imagesIn);
}

function textOf(value: unknown): string[] {
	return typeof value === "string" ? [value] : [];
}
