import { type UsualFigures, usualFigures } from "../../explain/figures.ts";
import { notableKinds } from "../../explain/rules/index.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";
import { byId, h } from "./dom.ts";

/** The filters of the list of exchanges. */
export class Filters {
	readonly #purpose = byId<HTMLSelectElement>("filter-purpose");
	readonly #model = byId<HTMLSelectElement>("filter-model");
	readonly #kind = byId<HTMLSelectElement>("filter-kind");
	readonly #divergent = byId<HTMLInputElement>("filter-divergent");
	readonly #clock = byId<HTMLInputElement>("clock");
	readonly #change: () => void;
	#usual: UsualFigures = new Map();

	constructor(change: () => void) {
		this.#change = change;
		byId("filters").addEventListener("change", change);
		byId("filters").addEventListener("submit", (event) => event.preventDefault());
	}

	get byClock(): boolean {
		return this.#clock.checked;
	}

	/** Offers the values that occur in the records. The current selection stays. */
	offer(records: readonly ExchangeRecord[]): void {
		this.#usual = usualFigures(records);
		offerValues(
			this.#purpose,
			records.map(({ purpose }) => purpose),
		);
		offerValues(
			this.#model,
			records.map(({ servedModel }) => servedModel),
		);
		offerValues(
			this.#kind,
			records.flatMap((record) => this.kindsOf(record)),
		);
	}

	/** What is worth a look in an exchange of the offered session. */
	kindsOf(record: ExchangeRecord): string[] {
		return notableKinds(record, this.#usual);
	}

	accept(record: ExchangeRecord): boolean {
		const kinds = this.kindsOf(record);
		if (this.#divergent.checked && kinds.length === 0) return false;
		if (this.#kind.value !== "" && !kinds.includes(this.#kind.value)) return false;
		if (this.#purpose.value !== "" && record.purpose !== this.#purpose.value) return false;
		return this.#model.value === "" || record.servedModel === this.#model.value;
	}

	toggleDivergent(): void {
		this.#divergent.checked = !this.#divergent.checked;
		this.#change();
	}

	toggleClock(): void {
		this.#clock.checked = !this.#clock.checked;
		this.#change();
	}

	focus(): void {
		this.#purpose.focus();
	}
}

function offerValues(select: HTMLSelectElement, values: readonly string[]): void {
	const wanted = ["", ...[...new Set(values)].filter(Boolean).sort()];
	const present = [...select.options].map((option) => option.value);
	if (wanted.length === present.length && wanted.join("\n") === present.join("\n")) return;
	const chosen = select.value;
	// A filter without a choice is not shown.
	const { parentElement: label } = select;
	if (label) label.hidden = wanted.length === 1;
	select.replaceChildren(...wanted.map((value) => h("option", { value }, value === "" ? "all" : value)));
	select.value = wanted.includes(chosen) ? chosen : "";
}
