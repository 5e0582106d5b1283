import { packTar, unpackTar } from "modern-tar";

/** Files by name, as one exchange or one fixture has them. Names may contain a folder. */
export type Files = ReadonlyMap<string, Buffer>;

/** Files as a tar archive. */
export async function packArchive(files: Files): Promise<Buffer> {
	const entries = [...files].map(([name, body]) => ({
		// The time of each file is the time of its exchange, which the record has.
		header: { name, size: body.length, mode: 0o600, mtime: new Date(0), type: "file" as const },
		body,
	}));
	return bufferOf(await packTar(entries));
}

/** The files of an archive. Throws when it is damaged. */
export async function unpackArchive(archive: Buffer): Promise<Map<string, Buffer>> {
	const entries = await unpackTar(archive, { strict: true });
	return new Map(entries.flatMap(({ header, data }) => (data ? [[header.name, bufferOf(data)]] : [])));
}

/** The same memory, not a copy. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Buffer {
	return Buffer.from(buffer, byteOffset, byteLength);
}
