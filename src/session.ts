import { DEMO_URL } from "./profile/base-url.ts";
import type { Profile } from "./profile/profile.ts";
import type { ProxyOptions, ProxyServer } from "./proxy/proxy.ts";

/** What a run holds, released in the reverse order of acquiring. */
export class Resources {
	readonly #releases: (() => void | Promise<void>)[] = [];

	add(release: () => void | Promise<void>): void {
		this.#releases.push(release);
	}

	/** Releases everything, the rest also where one release fails; throws the first failure at the end. */
	async release(): Promise<void> {
		const failures: unknown[] = [];
		for (const release of this.#releases.splice(0).reverse()) {
			try {
				await release();
			} catch (error) {
				failures.push(error);
			}
		}
		if (failures.length > 0) throw failures[0];
	}
}

/** Starts the proxy for a profile, and first the demo model where the profile needs it. */
export async function openProxy(options: ProxyOptions, resources: Resources): Promise<ProxyServer> {
	const profile = await withDemo(options.profile, resources);
	const { startProxy } = await import("./proxy/proxy.ts");
	const proxy = await startProxy({ ...options, profile });
	resources.add(() => proxy.close());
	return proxy;
}

async function withDemo(profile: Profile, resources: Resources): Promise<Profile> {
	const endpoint = profile.endpoints["openai-chat"];
	if (endpoint?.baseUrl !== DEMO_URL) return profile;
	const { startDemo } = await import("./demo/server.ts");
	const demo = await startDemo();
	resources.add(() => demo.close());
	return { ...profile, endpoints: { ...profile.endpoints, "openai-chat": { ...endpoint, baseUrl: demo.baseUrl } } };
}
