/** Whether a reply is JSON where a stream may have been asked for: the first byte tells, not the header. */
export function looksLikeJson(chunk: Uint8Array): boolean {
	const first = chunk.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
	return first === 0x7b || first === 0x5b;
}
