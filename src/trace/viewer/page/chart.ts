import { dollars, tokens } from "../../../platform/figures.ts";
import { inputTokens } from "../../record/cost.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";

interface ChartOptions {
	canvas: HTMLCanvasElement;
	/** Marks the bar of the selected exchange. */
	cursor: HTMLElement;
	select: (number: number) => void;
}

/** Margins for the labels of the axes. */
const MARGIN_PX = { left: 44, right: 52, top: 12, bottom: 4 };

/** Cached, uncached and output tokens of each exchange, the cost so far as a line, and marks for cache breaks. */
export class Chart {
	readonly #options: ChartOptions;
	#records: readonly ExchangeRecord[] = [];
	#selected: number | undefined;

	constructor(options: ChartOptions) {
		this.#options = options;
		new ResizeObserver(() => this.#draw()).observe(options.canvas);
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
		options.canvas.addEventListener("click", (event) => this.#click(event));
	}

	show(records: readonly ExchangeRecord[]): void {
		this.#records = records.filter(({ usage }) => usage);
		const breaks = this.#records.filter(({ prefixBreak }) => prefixBreak).length;
		const input = this.#records.reduce((sum, { usage }) => sum + inputTokens(usage), 0);
		const words = `Tokens of ${this.#records.length} exchanges: ${tokens(input)} in, ${breaks} cache breaks`;
		this.#options.canvas.setAttribute("aria-label", words);
		this.#draw();
	}

	/** Moves the cursor without a redraw, so that a held key stays smooth over thousands of bars. */
	select(number: number | undefined): void {
		const { canvas, cursor } = this.#options;
		this.#selected = number;
		const index = this.#records.findIndex((record) => record.number === number);
		cursor.hidden = index < 0;
		const step = (canvas.clientWidth - MARGIN_PX.left - MARGIN_PX.right) / this.#records.length;
		cursor.style.left = `${MARGIN_PX.left + index * step}px`;
		cursor.style.width = `${step}px`;
	}

	#click(event: MouseEvent): void {
		const { canvas, select } = this.#options;
		const width = canvas.clientWidth - MARGIN_PX.left - MARGIN_PX.right;
		const index = Math.floor(((event.offsetX - MARGIN_PX.left) / width) * this.#records.length);
		const record = this.#records[Math.min(Math.max(index, 0), this.#records.length - 1)];
		if (record) select(record.number);
	}

	#draw(): void {
		const { canvas } = this.#options;
		const context = canvas.getContext("2d");
		if (!context) return;
		const ratio = devicePixelRatio;
		const [width, height] = [canvas.clientWidth, canvas.clientHeight];
		canvas.width = width * ratio;
		canvas.height = height * ratio;
		context.scale(ratio, ratio);
		context.clearRect(0, 0, width, height);
		if (this.#records.length === 0) return;
		const known = new Map<string, string>();
		const colour = (name: string) => {
			const value = known.get(name) ?? resolveColour(canvas, name);
			known.set(name, value);
			return value;
		};
		const area = { width: width - MARGIN_PX.left - MARGIN_PX.right, height: height - MARGIN_PX.top - MARGIN_PX.bottom };
		this.#drawBars(context, area, colour);
		this.#drawCost(context, area, colour);
		this.select(this.#selected);
	}

	#drawBars(context: CanvasRenderingContext2D, area: Area, colour: (name: string) => string): void {
		const most = Math.max(1, ...this.#records.map(({ usage }) => inputTokens(usage) + (usage?.output_tokens ?? 0)));
		const step = area.width / this.#records.length;
		const bottom = MARGIN_PX.top + area.height;
		context.font = "11px system-ui, sans-serif";
		context.fillStyle = colour("--faint");
		context.textAlign = "right";
		context.fillText(tokens(most), MARGIN_PX.left - 6, MARGIN_PX.top + 8);
		context.fillText("0", MARGIN_PX.left - 6, bottom);
		for (const [index, { usage, prefixBreak }] of this.#records.entries()) {
			const x = MARGIN_PX.left + index * step;
			const wide = Math.max(1, step - (step > 4 ? 1 : 0));
			const cached = usage?.cache_read_input_tokens ?? 0;
			let y = bottom;
			for (const [count, name] of [
				[cached, "--cached"],
				[inputTokens(usage) - cached, "--uncached"],
				[usage?.output_tokens ?? 0, "--output"],
			] as const) {
				const tall = (count / most) * area.height;
				y -= tall;
				context.fillStyle = colour(name);
				context.fillRect(x, y, wide, tall);
			}
			if (prefixBreak) drawBreak(context, x + wide / 2, colour("--bad"));
		}
	}

	#drawCost(context: CanvasRenderingContext2D, area: Area, colour: (name: string) => string): void {
		const total = this.#records.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
		if (total === 0) return;
		context.strokeStyle = colour("--cost");
		context.lineWidth = 1.5;
		context.beginPath();
		let soFar = 0;
		for (const [index, { cost }] of this.#records.entries()) {
			soFar += cost ?? 0;
			const x = MARGIN_PX.left + ((index + 1) * area.width) / this.#records.length;
			context.lineTo(x, MARGIN_PX.top + area.height * (1 - soFar / total));
		}
		context.stroke();
		context.fillStyle = colour("--cost");
		context.textAlign = "left";
		context.fillText(dollars(total), MARGIN_PX.left + area.width + 4, MARGIN_PX.top + 8);
	}
}

interface Area {
	width: number;
	height: number;
}

function drawBreak(context: CanvasRenderingContext2D, x: number, colour: string): void {
	context.fillStyle = colour;
	context.beginPath();
	context.moveTo(x - 4, 1);
	context.lineTo(x + 4, 1);
	context.lineTo(x, 8);
	context.fill();
}

/** A canvas does not support CSS variables or light-dark(). */
function resolveColour(canvas: HTMLCanvasElement, name: string): string {
	canvas.style.color = `var(${name})`;
	return getComputedStyle(canvas).color;
}
