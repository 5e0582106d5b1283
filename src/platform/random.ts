import { randomBytes as bytesOfCrypto } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

/** Where the kernel gives random bytes; Windows has no such file. */
const SOURCE = "/dev/urandom";

/** Random bytes from the kernel. Node's crypto, which asks it too, takes 3 ms to load: as much as `http`. */
export function randomBytes(size: number): Buffer {
	try {
		return readBytes(size);
	} catch {
		return bytesOfCrypto(size); // A system without that file.
	}
}

function readBytes(size: number): Buffer {
	const bytes = Buffer.alloc(size);
	const file = openSync(SOURCE, "r");
	try {
		if (readSync(file, bytes) !== size) throw new Error(`${SOURCE} gives too few bytes`);
		return bytes;
	} finally {
		closeSync(file);
	}
}
