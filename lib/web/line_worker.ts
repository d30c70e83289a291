/** A worker that turns long payloads into lines and long lines into frames, while the event loop serves everybody else. */

import { PickleError } from "../pickle/values/errors.ts";
import { frameOf, lineOf } from "./lines.ts";

/** A job: the payload that is to become a line, or the line that is to become a frame. */
export interface LineJob {
  readonly number: number;
  readonly payload?: Uint8Array;
  readonly line?: string;
}

/** The answer to a job: the line, the frame, or why there is none. */
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
