/** `812`, `3.4k`, `1.2M`. */
export function tokens(count: number): string {
	if (count < 1000) return String(count);
	const [value, unit] = count < 999_500 ? [count / 1000, "k"] : [count / 1_000_000, "M"];
	return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

/** `340 ms`, `8.2 s`, `4 min 5 s`. */
export function duration(milliseconds: number): string {
	if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
	const seconds = milliseconds / 1000;
	if (seconds < 60) return `${seconds.toFixed(1)} s`;
	return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `$0.41`; four digits below one cent. */
export function dollars(amount: number): string {
	return `$${amount.toFixed(amount !== 0 && amount < 0.01 ? 4 : 2)}`;
}

/** `1 retry`, `2 retries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
	return `${count} ${count === 1 ? one : many}`;
}

/** `83 %`. A whole of 0 has 0 %. */
export function percent(part: number, whole: number): string {
	return `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;
}

/** The local time after `seconds`, with the date when that is not today. */
export function clockTime(seconds: number): string {
	const time = new Date(Date.now() + seconds * 1000);
	const isToday = time.toDateString() === new Date().toDateString();
	return isToday ? time.toTimeString().slice(0, 8) : `${time.toDateString()} ${time.toTimeString().slice(0, 5)}`;
}

/** `2026-11-29 21:03 UTC` */
export function minuteOf(milliseconds: number): string {
	return `${new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
