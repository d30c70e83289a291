/** Trace of incoming frames, in the words of the tutorial's client. */

import { format } from "../pickle/repr/format.ts";
import type { Output } from "./output.ts";

/**
 * Writes a trace of the frames that come in.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Output } from "./output.ts";
 * import { Trace } from "./trace.ts";
 *
 * let text = "";
 * const output = new Output({
 *   write: (bytes) => Promise.resolve((text += new TextDecoder().decode(bytes), bytes.length)),
 * });
 * const trace = new Trace(output);
 * trace.look(new TextEncoder().encode("2         "), 12);
 * trace.payload(new TextEncoder().encode("N."));
 * await output.flush();
 * assertEquals(text, "new msg len: b'2         '\nfull message length: 2\n12\nfull msg recvd\nb'N.'\n");
 * ```
 */
export class Trace {
  readonly #output: Output;
  #header: Uint8Array | null = null;

  constructor(output: Output) {
    this.#output = output;
  }

  /**
   * Writes the progress of a frame: its header, which is the same object each time, and the number of its bytes
   * received so far.
   */
  look(header: Uint8Array, have: number): void {
    if (this.#header !== header) this.#output.line(`new msg len: ${format(header)}`);
    this.#header = header;
    this.#output.line(`full message length: ${Number(new TextDecoder().decode(header))}`);
    this.#output.line(String(have));
  }

  /** Writes a whole payload. */
  payload(payload: Uint8Array): void {
    this.#output.line("full msg recvd");
    this.#output.line(format(payload));
  }
}
