import { imagesOf } from "../../pipeline/images.ts";
import { type Destination, modelOf, type Profile } from "../../profile/model/profile.ts";
import { CHARS_PER_TOKEN } from "../../protocol/count-tokens.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import { isTurn, type Purpose } from "../../trace/record/purpose.ts";

/** A request, as far as the rules look at it. */
export interface RuledRequest {
	request: MessageRequest;
	requestChars: number;
	purpose: Purpose;
	session: string | undefined;
}

/**
 * The two rules of `routes`: a model for long requests and one for requests with images. They are for the conversation
 * itself; the tier decides for subagents, titles and compactions, unless they no longer fit the window of their model.
 */
export class RuleRouting {
	/** The model of the last turn of each session, and whether a rule chose it. */
	readonly #latest = new Map<string, { model: string; isRuled: boolean }>();

	/** Where the request goes; the planned destination where no rule applies. */
	apply(profile: Profile, planned: Destination, ruled: RuledRequest, note: Note): Destination {
		const { routes } = profile;
		// A model of another profile was chosen by hand.
		if (!routes || planned.profile !== profile) return planned;
		const rule = ruleFor(routes, planned, ruled);
		if (rule) {
			const done = `sent to ${nameOf(rule.to)} (routes.${rule.route})`;
			note({ kind: "routed", where: "request", seen: rule.seen, done, data: { route: rule.route } });
		}
		const destination = rule?.to ?? planned;
		if (isTurn(ruled.request, ruled.purpose))
			this.#noteChange(ruled.session ?? "", destination, rule !== undefined, note);
		return destination;
	}

	/** A prompt cache belongs to one model, and so does signed reasoning: the user pays for the change, so it is reported. */
	#noteChange(session: string, destination: Destination, isRuled: boolean, note: Note): void {
		const model = nameOf(destination);
		const latest = this.#latest.get(session);
		this.#latest.set(session, { model, isRuled });
		if (!latest || latest.model === model || !(isRuled || latest.isRuled)) return;
		note({
			kind: "route-changed",
			where: "request",
			seen: `${latest.model} answered the turn before`,
			done: `${model} gets the whole conversation without the other model's prompt cache and signed reasoning`,
		});
	}
}

interface Rule {
	to: Destination;
	/** Its field in `routes`. */
	route: "longContext" | "images";
	seen: string;
}

function ruleFor(routes: NonNullable<Profile["routes"]>, planned: Destination, ruled: RuledRequest): Rule | undefined {
	const { longContext, images } = routes;
	const tokens = Math.round(ruled.requestChars / CHARS_PER_TOKEN);
	const isLong = longContext !== undefined && tokens > longContext.over;
	const long: Rule | undefined = isLong
		? { to: longContext, route: "longContext", seen: `about ${tokens} tokens, more than ${longContext.over}` }
		: undefined;
	if (!isTurn(ruled.request, ruled.purpose))
		return tokens > (windowOf(planned) ?? Number.POSITIVE_INFINITY) ? long : undefined;
	const count = images ? imagesOf(ruled.request).length : 0;
	if (!images || count === 0) return long;
	const seesAll = longContext && modelOf(longContext.profile, longContext.model).vision;
	if (long && seesAll) return long;
	const seen = count === 1 ? "an image" : `${count} images`;
	return { to: images, route: "images", seen: `${seen} in the conversation` };
}

function windowOf({ profile, model }: Destination): number | undefined {
	return modelOf(profile, model).contextWindow;
}

function nameOf({ profile, model }: Destination): string {
	return `${profile.name}/${model}`;
}
