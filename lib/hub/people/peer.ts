/** Who is at the other end of a connection, as the hub knows it. */

import type { Bucket } from "../upkeep/bucket.ts";
import {
  Connection,
  type ConnectionOptions,
  type Ending,
  type Listening,
} from "../../connection/connection.ts";
import type { Duplex } from "../../connection/duplex.ts";
import type { FrameError } from "../../base/errors.ts";
import { encodeFrame } from "../../frame/mod.ts";
import { type ByeCode, listenerDict, type ListenerMessage } from "../../protocol/message.ts";
import { encode } from "../../pickle/encode/encode.ts";
import type { Member, Room } from "../rooms/room.ts";

/** Where a peer comes from. */
export interface Origin {
  /** What its frames in a ring are known by: from 1 on, never used again. */
  readonly number: number;
  readonly host: string;
  /** With the port, for the log. */
  readonly address: string;
  readonly session: string;
  /** Whether it is the operator's, at the listener's own terminal. */
  readonly isAtTerminal?: boolean;
}

/** Who is told of what a peer does. */
export interface PeerWatch {
  /** It says something. The view is good during the call only. */
  take(peer: Peer, payload: Uint8Array): void;
  /** Its stream cannot be trusted any more. */
  broken(peer: Peer, error: FrameError): void;
  /** It says nothing more, but may still read. */
  finished(peer: Peer): void;
  /** Its connection is over. */
  ended(peer: Peer, ending: Ending): void;
}

/** A peer from accept to end. */
export class Peer implements Listening {
  readonly number: number;
  readonly host: string;
  readonly address: string;
  /** Whether it sits at the listener's own terminal: then nobody can send it away, and it waits for no one. */
  readonly isAtTerminal: boolean;
  readonly connection: Connection;
  readonly messageBucket: Bucket;
  readonly byteBucket: Bucket;
  readonly #watch: PeerWatch;
  /** Its name, reserved before it enters. */
  nick = "";
  session: string;
  isWelcomed = false;
  hasEntered = false;
  hasSaidHello = false;
  hasGone = false;
  /** Whether it gets its own posts back. */
  echo = false;
  isOperator: boolean;
  /** The rooms that it is in, the one that it entered last at the end. */
  readonly members = new Map<Room, Member>();
  /** The room that its plain objects go to: the one that it entered last. */
  room: Room | undefined = undefined;
  /** Where it will read on in the lobby: noted when it was accepted. */
  place = { position: 0, id: 0 };
  /** Calls off its entering by itself. */
  cancelEntering: () => void = () => {};
  /** When it was last asked whether it is there; milliseconds since 1970, 0 where it never was. */
  pingedAt = 0;
  /** Whether it was told that it is read more slowly, and whether it ever fell behind. */
  wasToldToSlowDown = false;
  wasBehind = false;
  /** The kinds of what it was refused, a bit for each code: a set would weigh on every idle connection. */
  refusals = 0;
  /** The bye that was said to it first. */
  bye: ByeCode | undefined = undefined;

  constructor(
    { number, host, address, session, isAtTerminal = false }: Origin,
    duplex: Duplex,
    { watch, buckets, ...options }: ConnectionOptions & {
      watch: PeerWatch;
      buckets: { messages: Bucket; bytes: Bucket };
    },
  ) {
    this.number = number;
    this.host = host;
    this.address = address;
    this.session = session;
    this.isAtTerminal = this.isOperator = isAtTerminal;
    this.messageBucket = buckets.messages;
    this.byteBucket = buckets.bytes;
    this.#watch = watch;
    this.connection = new Connection(duplex, this, options);
  }

  payload(bytes: Uint8Array): void {
    this.#watch.take(this, bytes);
  }

  broken(error: FrameError): void {
    this.#watch.broken(this, error);
  }

  finished(): void {
    this.#watch.finished(this);
  }

  ended(ending: Ending): void {
    this.#watch.ended(this, ending);
  }

  /** Puts a member of its own among its rooms, as the one that it entered last. */
  enter(room: Room, member: Member): void {
    this.members.delete(room);
    this.members.set(room, member);
    this.room = room;
  }

  /** Takes a room out of its rooms. */
  leave(room: Room): void {
    this.members.delete(room);
    this.room = [...this.members.keys()].at(-1);
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
