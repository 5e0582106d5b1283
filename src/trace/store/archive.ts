/** Files by name, as one exchange or one fixture has them; names may hold a folder. */
export type Files = ReadonlyMap<string, Buffer>;

/** Size of a header, and of what contents are filled up to. */
const BLOCK = 512;
const LONGEST_NAME = 100;

/** Files as a tar archive, which `tar` reads too. Source: POSIX.1-2017, pax, "ustar interchange format". */
export function packArchive(files: Files): Buffer {
	const parts: Buffer[] = [];
	for (const [name, content] of files) {
		parts.push(header(name, content.length), content, Buffer.alloc(padding(content.length)));
	}
	return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** The files of an archive that `packArchive` made. Throws where it is damaged. */
export function unpackArchive(archive: Buffer): Map<string, Buffer> {
	const files = new Map<string, Buffer>();
	for (let at = 0; archive[at] !== 0; ) {
		const head = archive.subarray(at, at + BLOCK);
		const size = Number.parseInt(field(head, 124, 12), 8);
		if (head.length < BLOCK || checksum(head) !== Number.parseInt(field(head, 148, 8), 8)) {
			throw new Error(`a trace archive is damaged at byte ${at}`);
		}
		const start = at + BLOCK;
		files.set(field(head, 0, LONGEST_NAME), archive.subarray(start, start + size));
		at = start + size + padding(size);
	}
	return files;
}

function header(name: string, size: number): Buffer {
	if (Buffer.byteLength(name) > LONGEST_NAME) throw new Error(`the name ${name} is too long for an archive`);
	const head = Buffer.alloc(BLOCK);
	head.write(name, 0);
	head.write("0000600\0", 100); // mode
	head.write("0000000\0", 108); // owner
	head.write("0000000\0", 116); // group
	head.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
	head.write("00000000000\0", 136); // time
	head.write("0", 156); // a regular file
	head.write("ustar\0" + "00", 257);
	head.write(`${checksum(head).toString(8).padStart(6, "0")}\0 `, 148);
	return head;
}

/** The sum of a header's bytes, with spaces in the place of the sum. */
function checksum(head: Buffer): number {
	let sum = 8 * 0x20;
	for (let index = 0; index < head.length; index++) {
		if (index < 148 || index >= 156) sum += head[index] ?? 0;
	}
	return sum;
}

function field(head: Buffer, start: number, length: number): string {
	const end = head.indexOf(0, start);
	return head.toString("utf8", start, end < 0 ? start + length : Math.min(end, start + length));
}

function padding(size: number): number {
	return (BLOCK - (size % BLOCK)) % BLOCK;
}
