/** Who is at the other end of a connection, as the hub knows it. */

import { Connection, type ConnectionOptions, type Duplex, type Listening } from "./connection.ts";
import { encodeFrame } from "./frame.ts";
import { listenerDict, type ListenerMessage } from "./message.ts";
import { encode } from "./pickle/encode.ts";
import type { Room } from "./room.ts";

/** A peer from accept to end. */
export class Peer {
  /** What its frames in a ring are known by: from 1 on, never used again. */
  readonly number: number;
  readonly address: string;
  readonly connection: Connection;
  /** Its name, reserved before it enters. */
  nick: string;
  session: string;
  hasEntered = false;
  hasSaidHello = false;
  /** Whether it gets its own posts back. */
  echo = false;
  /** The room that its plain objects go to: the one it entered last. */
  room: Room | null = null;
  /** Where it will read on in the lobby: noted when it was accepted. */
  place = { position: 0, id: 0 };
  /** Calls off its entering by itself. */
  cancelEntering: () => void = () => {};
  /** When it was last asked whether it is there; milliseconds since 1970, 0 where it answered. */
  pingedAt = 0;

  constructor(
    identity: { number: number; address: string; nick: string; session: string },
    duplex: Duplex,
    { listening, ...options }: ConnectionOptions & { listening: (peer: Peer) => Listening },
  ) {
    this.number = identity.number;
    this.address = identity.address;
    this.nick = identity.nick;
    this.session = identity.session;
    this.connection = new Connection(duplex, listening(this), options);
  }

  /** Says something to this peer alone. */
  say(message: ListenerMessage): void {
    this.connection.send(encodeMessageFrame(message));
  }
}

/** A message of the listener as a frame. */
export function encodeMessageFrame(message: ListenerMessage): Uint8Array {
  return encodeFrame(encode(listenerDict(message)));
}
