import type { MessageEvent } from "../protocol/events.ts";
import type { Stage } from "../protocol/stage.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";

/** The longest outputs of models have about a million characters. */
const MAX_INPUT_CHARS = 8 * 1024 * 1024;

/** Ends a reply whose tool call never ends: its input is kept until the call is complete. */
export function boundedInputs(): Stage<MessageEvent, MessageEvent> {
	return (next) => {
		let chars = 0;
		return {
			push(event) {
				if (event.type === "content_block_start") chars = 0;
				else if (event.type === "content_block_delta" && event.delta.type === "input_json_delta") {
					chars += event.delta.partial_json.length;
					if (chars > MAX_INPUT_CHARS)
						throw UpstreamFailure.tooLarge("the input of a tool call", `${MAX_INPUT_CHARS} characters`);
				}
				next.push(event);
			},
			end: () => next.end(),
		};
	};
}
