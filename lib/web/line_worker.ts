/** A worker that converts long payloads to lines and long lines to frames, while the event loop serves other peers. */

import { PickleError } from "../pickle/values/errors.ts";
import { frameOf, lineOf } from "./lines.ts";

/** A job: a payload to convert to a line, or a line to convert to a frame. */
export interface LineJob {
  readonly number: number;
  readonly payload?: Uint8Array;
  readonly line?: string;
}

/** The answer to a job: the line, the frame, or the reason why there is none. */
export interface LineAnswer {
  readonly number: number;
  readonly line?: string;
  readonly frame?: Uint8Array;
  readonly error?: string;
}

/** The part of a worker's global scope that is used here. */
interface Scope {
  onmessage: ((event: MessageEvent<LineJob>) => void) | null;
  postMessage(answer: LineAnswer): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = ({ data: { number, payload, line } }) => {
  try {
    scope.postMessage(
      payload === undefined ? { number, frame: frameOf(line ?? "") } : { number, line: lineOf(payload) },
    );
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    scope.postMessage({ number, error: error.message });
  }
};
