/** The operator at the listener's own terminal: a peer like any other, on a connection in memory. */

import type { Duplex } from "../connection.ts";
import { Conversation } from "../conversation/conversation.ts";
import { Link } from "../conversation/link.ts";
import { MAX_RECEIVED } from "../limits.ts";
import { decode } from "../pickle/decode.ts";
import type { View } from "./view.ts";

/** The options of {@linkcode seatOperator}. */
export interface OperatorOptions {
  readonly view: View;
  /** Who the operator is. */
  readonly nick: string;
  /** What the connector calls itself. */
  readonly client: string;
  /** 128 random bits in hexadecimal. */
  readonly session: string;
  /** Ends it, as the end of the listener does. */
  readonly signal: AbortSignal;
}

/**
 * Seats an operator at a view and talks to the listener for them.
 *
 * @param duplex The operator's end of a connection; the hub has the other one.
 * @returns A promise that resolves when the operator has left, or the listener has ended the connection. The view is closed.
 */
export async function seatOperator(duplex: Duplex, options: OperatorOptions): Promise<void> {
  const { view, nick, client, session, signal } = options;
  const link = new Link(duplex, { maxPayload: MAX_RECEIVED });
  let wake = () => {};
  let pressure: Promise<void> | void = undefined;
  const conversation = new Conversation({ nick, client, session, greet: true, firstRef: 1 }, {
    show: (event) => pressure = view.show(event) ?? pressure,
    changed: () => wake(),
  });
  const leave = () => link.close();
  view.start?.({ leave, retry: () => {} });
  view.limitLine?.(conversation.longestText);
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  link.onRoom = () => wake();
  conversation.opened((frame) => link.send(frame));

  let ended = false;
  const pump = async () => {
    while (!ended) {
      if (!conversation.hasRoom || !link.hasRoom) {
        await new Promise<void>((resolve) => wake = resolve);
        continue;
      }
      const action = await view.next();
      if (action === null) return leave();
      if (!ended) conversation.act(action);
    }
  };
  const pumping = pump();
  try {
    await link.run({
      payload: async (payload) => {
        conversation.receive(decode(payload));
        await pressure;
        pressure = undefined;
        return conversation.farewell === undefined;
      },
      afterRead: () => view.flush(),
    });
  } finally {
    ended = true;
    signal.removeEventListener("abort", leave);
    link.close();
    wake();
    await view.close();
    await pumping;
  }
}
