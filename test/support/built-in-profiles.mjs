import { compileProfiles } from "../../scripts/compile-profiles.mjs";

/** The tests see the profiles as they are now, also without a build. */
export default function setup() {
	const root = new URL("../../", import.meta.url);
	return compileProfiles(new URL("profiles/", root), new URL("dist/profiles/", root));
}
