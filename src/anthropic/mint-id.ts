import { randomBytes } from "node:crypto";

/** A prefix (`toolu_`, `msg_`) and 24 hexadecimal digits: unique over any conversation. */
export function mintId(prefix: string): string {
	return `${prefix}${randomBytes(12).toString("hex")}`;
}
