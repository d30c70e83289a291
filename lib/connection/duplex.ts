/** What a peer is reached by: bytes in and bytes out. */

import type { Source } from "../frame/mod.ts";

/** What bytes come from and go to: a socket, or two ends in memory. */
export interface Duplex extends Source {
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}
