/** Duplex streams of bytes. */

import type { Source } from "../frame/mod.ts";

/** A stream in both directions: a socket, or one end of a {@linkcode memoryDuplex}. */
export interface Duplex extends Source {
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}
