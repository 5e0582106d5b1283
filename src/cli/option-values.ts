import { InvalidArgumentError } from "commander";

export function runs(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value > 0 && value <= 1000) return value;
	throw new InvalidArgumentError("It must be a number from 1 to 1000.");
}

export function turns(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 4 && value <= 200) return value;
	throw new InvalidArgumentError("It must be a number from 4 to 200.");
}

export function amount(text: string): number {
	const value = Number(text);
	if (value > 0) return value;
	throw new InvalidArgumentError("It must be a number above 0.");
}

export function share(text: string): number {
	const value = Number(text);
	if (value > 0 && value <= 1) return value;
	throw new InvalidArgumentError("It must be a number above 0 and at most 1.");
}

export function port(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
	throw new InvalidArgumentError("It must be a number from 1 to 65535.");
}

export function count(text: string): number {
	return text === "0" ? 0 : runs(text);
}
