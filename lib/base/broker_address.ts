/** Address of a chat on a message broker, as `--history nats://…` gives it. */

import type { Endpoint } from "./address.ts";

/** Address of a chat on a broker, which several listeners serve. */
export interface BrokerAddress {
  /** Whether the connection must be encrypted: `tls://`. Without it, the broker decides. */
  readonly isEncrypted: boolean;
  /** The user of the broker; undefined if the broker asks for none, or a file of credentials is given. */
  readonly user: string | undefined;
  /** The servers, of which any one is enough to find the others. */
  readonly servers: readonly Endpoint[];
  /** The name of the chat: 1 to 32 ASCII letters, digits, `-` or `_`. One broker may keep several. */
  readonly chat: string;
}
