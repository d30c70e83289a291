/** What the tutorial's client tells while it reads: each header, the lengths, and each payload as Python shows bytes. */

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

  /** Takes a frame that is looked at: its header, the same object each time, and how many of its bytes are there. */
  look(header: Uint8Array, have: number): void {
    if (this.#header !== header) this.#output.line(`new msg len: ${format(header)}`);
    this.#header = header;
    this.#output.line(`full message length: ${Number(new TextDecoder().decode(header))}`);
    this.#output.line(String(have));
  }

  /** Takes a payload that is there whole. */
  payload(payload: Uint8Array): void {
    this.#output.line("full msg recvd");
    this.#output.line(format(payload));
  }
}
