import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openProxy, Resources, type Session } from "../../src/cli/session.ts";
import type { Profile } from "../../src/profile/model/profile.ts";
import { unpackArchive } from "../../src/trace/store/archive.ts";
import { testProfile } from "./profile.ts";

/** A session whose records go to a folder of its own. */
export class RecordedSession {
	readonly state = mkdtempSync(join(tmpdir(), "cc-any-state-"));
	readonly resources = new Resources();

	async open(
		url: string,
		options: { trace?: boolean; profile?: Partial<Profile>; env?: Record<string, string> } = {},
	): Promise<Session> {
		const profile = testProfile(url, options.profile);
		const environment = { XDG_STATE_HOME: this.state, ...options.env };
		return openProxy({ profile, trace: options.trace, summary: true, environment }, this.resources);
	}

	get folder(): string {
		return join(this.state, "cc-any/sessions");
	}

	/** Every file below the folder and inside the archives there, uncompressed. */
	async files(): Promise<{ path: string; text: string; mode: number; folderMode: number }[]> {
		const entries = readdirSync(this.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
		const files = entries.map(async (entry) => {
			const path = join(entry.parentPath, entry.name);
			const bytes = path.endsWith(".gz") ? gunzipSync(readFileSync(path)) : readFileSync(path);
			const modes = { mode: statSync(path).mode & 0o777, folderMode: statSync(entry.parentPath).mode & 0o777 };
			const inner = path.endsWith(".tar.gz") ? [...(await unpackArchive(bytes))] : [["", bytes] as const];
			return inner.map(([name, content]) => {
				const place = [path.slice(this.state.length), name].filter(Boolean).join("/");
				return { path: place, text: content.toString("utf8"), ...modes };
			});
		});
		return (await Promise.all(files)).flat();
	}

	remove(): void {
		rmSync(this.state, { recursive: true, force: true });
	}
}

/** Sends a body as Claude Code does; returns status and text. */
export async function post(
	session: Pick<Session, "url" | "token">,
	body: object,
	headers: Record<string, string> = {},
	path = "/v1/messages",
): Promise<{ status: number; text: string }> {
	const response = await fetch(`${session.url}${path}`, {
		method: "POST",
		headers: { authorization: `Bearer ${session.token}`, "content-type": "application/json", ...headers },
		body: JSON.stringify(body),
	});
	return { status: response.status, text: await response.text() };
}
