import { CODECS } from "../../dialects/index.ts";
import { otherAddresses, pathNeighbour, requestUrl } from "../../profile/model/base-url.ts";
import type { DialectName } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { type OutgoingRequest, readText, send } from "../../upstream/http/send.ts";
import type { Transport } from "../../upstream/http/transport.ts";
import { namedDialect } from "../learning/adapt.ts";
import type { ProxyState } from "../proxy-state.ts";
import type { DeliveryFailure } from "./delivery.ts";

const PROBE_TIMEOUT_MS = 3000;
const MAX_REPLY_BYTES = 1024;

/** Statuses of a path that no API has, or that a gateway cannot reach. Any other means that an API read the request. */
const NO_API_STATUSES = [0, 404, 405, 501, 502, 503, 504];

type RequestHead = Pick<OutgoingRequest, "path" | "headers">;

/** An address at which an API answers. */
type Address = Pick<Target, "baseUrl" | "dialect">;

/** Finds the API's address, if there is none at a target's path. Each address is examined once in a run. */
export class NearbyAddresses {
	readonly #found = new Map<string, Promise<Address | undefined>>();

	/** The failure with what to do about a wrong address or wire. Other failures stay as they are. */
	async explain(failed: DeliveryFailure, proxy: ProxyState): Promise<DeliveryFailure> {
		const { failure, target, sent } = failed;
		if (failure.class === "wrong-dialect") return { ...failed, failure: { ...failure, advice: otherDialect(failed) } };
		if (failure.class !== "wrong-address" || !sent) return failed;
		const isRedirect = failure.status >= 300 && failure.status < 400;
		const found = isRedirect ? undefined : await this.#find(target, sent, proxy.transport);
		const url = requestUrl(target, sent.path);
		const answer = failure.status === 200 ? "answers with" : `answers ${failure.status}:`;
		const message = isRedirect ? failure.message : `${url} ${answer} ${failure.message}`;
		const advice = found ? correction(found, target) : isRedirect ? undefined : noneFound(failure.status, target);
		return { ...failed, failure: { ...failure, message, advice } };
	}

	#find(target: Target, sent: RequestHead, transport: Transport): Promise<Address | undefined> {
		const key = `${target.dialect} ${target.baseUrl}`;
		const found = this.#found.get(key) ?? findAddress(target, sent, transport);
		this.#found.set(key, found);
		return found;
	}
}

/** The neighbouring path in the same wire first, then the same server in other wires; the first one that answers. */
async function findAddress(target: Target, sent: RequestHead, transport: Transport): Promise<Address | undefined> {
	const neighbour = { dialect: target.dialect, baseUrl: pathNeighbour(target.baseUrl, target.dialect) };
	const isSame = neighbour.baseUrl === target.baseUrl;
	if (!isSame && (await answers({ ...target, ...neighbour }, sent, transport))) return neighbour;
	for (const address of otherAddresses(target.baseUrl, target.dialect)) {
		const other = { ...target, ...address };
		if (await answers(other, emptyRequest(other), transport)) return address;
	}
	return undefined;
}

/** Whether an API reads requests there. An empty body costs nothing: each API refuses it. */
async function answers(target: Target, { path, headers }: RequestHead, transport: Transport): Promise<boolean> {
	try {
		const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
		const reply = await send(transport, target, { path, headers, body: "{}" }, signal);
		return !isPage(await readText(reply, MAX_REPLY_BYTES));
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		const { status, body } = error.source;
		const isRedirect = status >= 300 && status < 400;
		return !NO_API_STATUSES.includes(status) && !isRedirect && !isPage(body);
	}
}

function isPage(body: string): boolean {
	return /^\s*</.test(body);
}

function emptyRequest(target: Target): RequestHead {
	return CODECS[target.dialect].encode({ model: target.model, max_tokens: 1, messages: [] }, target, () => {});
}

function otherDialect({ failure, target }: DeliveryFailure): string | undefined {
	const named = namedDialect(failure.message, target);
	return named && `${target.model} is served in ${named}, not in ${target.dialect}: use --dialect ${named}`;
}

function correction({ dialect, baseUrl }: Address, target: Target): string {
	if (dialect === target.dialect) return `did you mean ${target.isAddress ? "--base-url " : ""}${baseUrl}`;
	const wire = `this server answers in ${dialect}, not in ${target.dialect}: use --dialect ${dialect}`;
	return baseUrl === target.baseUrl ? wire : `${wire} with --base-url ${baseUrl}`;
}

function noneFound(status: number, { dialect }: { dialect: DialectName }): string {
	return status === 200
		? "this is a web page, such as a login or a portal, not an API: check the base URL"
		: `no API answers at this path: check the base URL, and --dialect (now ${dialect})`;
}
