/** Converter of payloads to lines and of lines to frames. Short ones are converted at once, long ones in a worker. */

import { startWorker } from "../base/worker.ts";
import { PickleError } from "../pickle/values/errors.ts";
import type { LineAnswer, LineJob } from "./line_worker.ts";
import { errorLine, frameOf, lineOf } from "./lines.ts";

/** The longest input that is converted at once, in bytes or UTF-16 code units. It takes at most a millisecond. */
const MAX_AT_ONCE = 64 * 1024;

/** Converts payloads and lines. A worker is started for the first long one. */
export class Converter {
  readonly #openWorker: () => Worker;
  #worker: Worker | null = null;
  #last = 0;
  readonly #waiting = new Map<number, PromiseWithResolvers<LineAnswer>>();

  /** @param openWorker Starts line_worker.ts. */
  constructor(openWorker: () => Worker) {
    this.#openWorker = openWorker;
  }

  /** Writes a payload as a line, see {@linkcode lineOf}. */
  lineOf(payload: Uint8Array): string | Promise<string> {
    if (payload.length <= MAX_AT_ONCE) return lineOf(payload);
    return this.#ask({ payload }).then(({ line, error }) =>
      line ?? errorLine(error ?? "the message cannot be shown")
    );
  }

  /**
   * Reads a line as a frame, see {@linkcode frameOf}.
   *
   * @throws {PickleError} If it is not such a line.
   */
  async frameOf(line: string): Promise<Uint8Array> {
    if (line.length <= MAX_AT_ONCE) return frameOf(line);
    const { frame, error } = await this.#ask({ line });
    if (frame === undefined) throw new PickleError("syntax", error ?? "Cannot read the line");
    return frame;
  }

  /** Ends the worker. Conversions that wait for it are rejected. */
  close(): void {
    this.#fail(new Error("the converter is closed"));
  }

  #ask(job: Omit<LineJob, "number">): Promise<LineAnswer> {
    const worker = this.#worker ??= this.#start();
    const number = ++this.#last;
    const answer = Promise.withResolvers<LineAnswer>();
    this.#waiting.set(number, answer);
    worker.postMessage({ ...job, number });
    return answer.promise;
  }

  #start(): Worker {
    const worker = this.#openWorker();
    worker.onmessage = ({ data }: MessageEvent<LineAnswer>) => {
      this.#waiting.get(data.number)?.resolve(data);
      this.#waiting.delete(data.number);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(event.message));
    };
    return worker;
  }

  #fail(error: Error): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Starts the worker. */
export function openWorker(): Worker {
  return startWorker("line_worker.js", new URL("./line_worker.ts", import.meta.url));
}
