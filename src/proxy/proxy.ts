import type { Divergence } from "../divergence.ts";
import type { Profile } from "../profile/profile.ts";

export interface ProxyOptions {
	profile: Profile;
	/** Preferred port; any free one when absent or taken. */
	port?: number | undefined;
	/** Gets every divergence of every exchange. */
	onDivergence?: ((divergence: Divergence) => void) | undefined;
}

/** A running proxy on loopback. */
export interface Proxy {
	/** `http://127.0.0.1:PORT` */
	url: string;
	port: number;
	/** Random for this run. */
	token: string;
	/** Stops listening, aborts what is in flight, and closes the upstream connections. */
	close(): Promise<void>;
}

/** Starts the proxy; resolves once it accepts requests. */
export async function startProxy(_options: ProxyOptions): Promise<Proxy> {
	throw new Error("not built yet");
}
