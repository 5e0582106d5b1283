import { randomUUID } from "node:crypto";

/** A prefix (`toolu_`, `msg_`) and 24 hexadecimal digits: unique over any conversation. */
export function mintId(prefix: string): string {
	// Node draws the randomness of 128 of them at once; 12 bytes alone cost twenty times as much.
	return `${prefix}${randomUUID().replaceAll("-", "").slice(0, 24)}`;
}
