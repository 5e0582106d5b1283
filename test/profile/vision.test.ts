import { expect, test } from "vitest";
import { describeVision } from "../../src/profile/model/describe-model.ts";
import { secretsOf } from "../../src/profile/model/secrets-of.ts";
import { profileHome, userError } from "../support/profile-home.ts";

const OWN = `endpoints: { openai-chat: { baseUrl: "http://127.0.0.1:9/v1" } }
keyOptional: true
model: blind
models:
  blind: { vision: false }
  eyes: { vision: true }
  keyed: { vision: true, endpoint: { baseUrl: "http://127.0.0.1:8/v1" }, key: env:EYES_KEY }
  lost: { vision: true, dialect: gemini }
`;
const OTHER = `endpoints: { gemini: { baseUrl: "http://127.0.0.1:7/v1beta" } }
dialect: gemini
key: env:SEER_KEY
model: flash
models: { flash: { vision: true }, blind: { vision: false } }
`;

function home(lines = "", variables: Record<string, string> = {}) {
	const made = profileHome(variables);
	made.write(".config/cc-any/profiles/own.yaml", OWN + lines);
	made.write(".config/cc-any/profiles/seer.yaml", OTHER);
	return made;
}

test.each([
	["seer/blind", /own\.yaml:9: vision: seer\/blind does not see images/],
	["blind", /own\.yaml:9: vision: blind does not see images/],
	["nowhere/flash", /own\.yaml:9: vision nowhere\/flash: .*nowhere/],
	["seer", /own\.yaml:9: vision: seer is a profile, not a model/],
	["lost", /own\.yaml:9: vision: lost needs a gemini endpoint, and profile own has none/],
	["keyed", /models\.keyed\.key.*EYES_KEY|EYES_KEY.*models\.keyed\.key/],
])("a vision model that cannot do it is an error with its place: %s", async (name, message) => {
	const made = home(`vision: ${name}`, { SEER_KEY: "seer-secret-key" });
	expect((await userError(made.resolve({ profile: "own" }))).message).toMatch(message);
});

test("a vision model without its key is an error with a hint", async () => {
	const error = await userError(home("vision: seer/flash").resolve({ profile: "own" }));
	expect(error.message).toMatch(/own\.yaml:9: vision seer\/flash: .*SEER_KEY/);
	expect(error.hint).toContain("cc-any keys set SEER_KEY");
});

test("a model of another profile, of the same one, by flag and by variable", async () => {
	const made = home("vision: seer/flash", { SEER_KEY: "seer-secret-key", EYES_KEY: "eyes-secret-key" });
	const profile = await made.resolve({ profile: "own" });
	expect([profile.vision?.profile.name, profile.vision?.model]).toEqual(["seer", "flash"]);
	expect(secretsOf(profile)).toContain("seer-secret-key");
	expect(profile.vision && describeVision(profile.vision)).toBe(
		"images that a model cannot see are sent to seer/flash at http://127.0.0.1:7/v1beta (gemini), with its key",
	);
	const named = async (vision: string) => (await made.resolve({ profile: "own", vision })).vision;
	expect(await named("eyes")).toMatchObject({ profile: { name: "own" }, model: "eyes" });
	expect(await named("keyed")).toMatchObject({ model: "keyed" });
	expect((await userError(made.resolve({ profile: "own", vision: "blind" }))).message).toMatch(
		/^flag --vision: vision: blind does not see images/,
	);
	const byVariable = home("", { SEER_KEY: "seer-secret-key", CC_ANY_PROFILE: "own", CC_ANY_VISION: "seer/flash" });
	expect((await byVariable.resolve()).vision?.model).toBe("flash");
	expect((await home().resolve({ profile: "own" })).vision).toBeUndefined();
	// An address without a profile, as for a local server.
	const local = { baseUrl: "http://127.0.0.1:6/v1", model: "coder", vision: "seer/flash" };
	expect((await made.resolve(local)).vision?.profile.name).toBe("seer");
	// A profile that names no model: the server has what its user has loaded.
	expect(await named("vllm/qwen3-vl")).toMatchObject({ profile: { name: "vllm" }, model: "qwen3-vl" });
});
