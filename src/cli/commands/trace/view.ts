import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../platform/package-root.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import { sessionsFolder } from "../../../trace/record/session-id.ts";
import { startViewer } from "../../../trace/viewer/server.ts";
import { print, tell } from "../../ui/output.ts";

/** Serves the viewer until interrupted, and prints its URL. */
export async function viewTraces({ port }: { port?: number }): Promise<void> {
	const ended = new Promise<void>((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
	});
	const assets = join(packageRoot(), "dist/viewer");
	if (!existsSync(assets)) throw new UserError("the viewer is not built", { hint: "npm run build" });
	const viewer = await startViewer({ sessions: sessionsFolder(processEnvironment()), assets, port });
	print(`${viewer.url}\n`);
	tell("Open it in a browser on this machine; Ctrl-C stops it. The URL contains the key: keep it private.\n");
	await ended;
	await viewer.close();
}
