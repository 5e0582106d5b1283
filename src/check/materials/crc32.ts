const POLYNOMIAL = 0xedb88320;

/** CRC-32 of ISO 3309 as PNG uses it. Node has it in zlib from 22.2; the oldest that runs cc-any does not. */
export function crc32(bytes: Uint8Array): number {
	let sum = 0xffffffff;
	for (const byte of bytes) {
		sum ^= byte;
		for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
	}
	return (sum ^ 0xffffffff) >>> 0;
}
