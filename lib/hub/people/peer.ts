/** Peers: the state that the hub keeps of a connection. */

import { originOf } from "../../base/address.ts";
import type { Clock } from "../../base/clock.ts";
import type { Bucket } from "../upkeep/bucket.ts";
import type { WorkShare } from "../upkeep/work.ts";
import { MeteredPieces } from "./metered_pieces.ts";
import type { Pieces } from "../../connection/private_queue.ts";
import {
  type CloseReason,
  Connection,
  type ConnectionHandler,
  type ConnectionOptions,
} from "../../connection/connection.ts";
import type { Duplex } from "../../connection/duplex.ts";
import type { FrameError } from "../../base/errors.ts";
import type { ByeCode, ListenerMessage } from "../../protocol/message.ts";
import { encodeMessageFrame } from "../../protocol/message_frame.ts";
import type { RoomPlace } from "../rooms/needs.ts";
import type { Removal } from "../rooms/removal.ts";
import type { Member, Occupant, Room } from "../rooms/room.ts";

/** The other end of a connection: its host, and for the log the address with its port. */
export interface Remote {
  readonly host: string;
  readonly address: string;
  /** Whether it is the connection of the operator at the listener's own terminal, who has an operator's rights. */
  readonly isAtTerminal?: boolean;
  /** The name of the member that the peer has proved to be. It is the peer's only possible nick. */
  readonly member?: string | undefined;
  /** Additional keys of its first welcome. */
  readonly credentials?: Credentials | undefined;
}

/** The keys of a welcome to a private chat: the listener's proof, and the secret that replaces a code. */
export type Credentials = Pick<Extract<ListenerMessage, { type: "welcome" }>, "proof" | "secret">;

/** The options of a {@linkcode Peer}. */
export interface PeerOptions {
  /** See {@linkcode Occupant.number}. */
  readonly number: number;
  readonly remote: Remote;
  readonly session: string;
  readonly handler: PeerHandler;
  readonly buckets: { readonly messages: Bucket; readonly bytes: Bucket; readonly work: WorkShare };
  readonly connection: ConnectionOptions;
}

/** The events of a peer. */
export interface PeerHandler {
  /** It sent a payload; see {@linkcode PayloadHandler.payload}. */
  take(peer: Peer, payload: Uint8Array): boolean;
  /** It took `ms` milliseconds of work. Returns the milliseconds to wait. */
  worked(peer: Peer, ms: number): number;
  /** Its stream cannot be read any further. */
  broken(peer: Peer, error: FrameError): void;
  /** It has ended its input, but may still read. */
  finished(peer: Peer): void;
  /** Its connection is closed because its memory is needed for others; returns the frame that says so. */
  evicted(peer: Peer): Uint8Array;
  /** Its connection is closed. */
  ended(peer: Peer, reason: CloseReason): void;
}

/** A peer from accept to end. */
export class Peer implements ConnectionHandler, Occupant {
  readonly number: number;
  readonly host: string;
  readonly address: string;
  readonly origin: string;
  /** Whether it is the operator at the listener's own terminal, who cannot be kicked, banned or timed out. */
  readonly isAtTerminal: boolean;
  readonly member: string | undefined;
  readonly credentials: Credentials | undefined;
  readonly connection: Connection;
  readonly messageBucket: Bucket;
  readonly byteBucket: Bucket;
  readonly work: WorkShare;
  readonly #clock: Clock;
  readonly #handler: PeerHandler;
  /** Its nick, which is reserved before it enters. */
  nick = "";
  session: string;
  isWelcomed = false;
  hasEntered = false;
  hasSaidHello = false;
  /** The place of its hello among those of all peers; 0 if it has said none. */
  helloNumber = 0;
  hasGone = false;
  /** Whether it gets its own posts back. */
  echo = false;
  /** Whether it enters and leaves unannounced, as a script does. */
  isQuiet = false;
  isOperator: boolean;
  readonly members = new Map<Room, Member>();
  /** Its current room, to which its plain objects go: the one that it entered last. */
  room: Room | undefined = undefined;
  /** The place in the lobby at which it was accepted; it gets everything that was posted from there on. */
  place: RoomPlace = { position: 0, id: 0 };
  /** Cancels its entering as a guest. */
  cancelEntering: () => void = () => {};
  /** The time at which it was last pinged, in ticks of the clock. */
  pingedAt = -Infinity;
  /** The reason for which an operator removed it; undefined if none has. */
  removal: Removal | undefined = undefined;
  /** The code of the first bye that was said to it. */
  bye: ByeCode | undefined = undefined;

  constructor(duplex: Duplex, { number, remote, session, handler, buckets, connection }: PeerOptions) {
    this.number = number;
    this.host = remote.host;
    this.address = remote.address;
    this.origin = originOf(remote.host, remote.address);
    this.session = session;
    this.member = remote.member;
    this.credentials = remote.credentials;
    this.isAtTerminal = this.isOperator = remote.isAtTerminal ?? false;
    this.messageBucket = buckets.messages;
    this.byteBucket = buckets.bytes;
    this.work = buckets.work;
    this.#clock = connection.clock;
    this.#handler = handler;
    this.connection = new Connection(duplex, this, { ...connection, work: this.work });
  }

  /** The field of the log's events about it that tells a quiet peer. */
  get mark(): { readonly quiet?: true } {
    return this.isQuiet ? { quiet: true } : {};
  }

  payload(bytes: Uint8Array): boolean {
    return this.#handler.take(this, bytes);
  }

  worked(ms: number): number {
    return this.#handler.worked(this, ms);
  }

  broken(error: FrameError): void {
    this.#handler.broken(this, error);
  }

  finished(): void {
    this.#handler.finished(this);
  }

  evicted(): Uint8Array {
    return this.#handler.evicted(this);
  }

  ended(reason: CloseReason): void {
    this.#handler.ended(this, reason);
  }

  /** Whether it can still be answered. */
  get isHere(): boolean {
    return !this.hasGone && this.bye === undefined;
  }

  enter(room: Room, member: Member): void {
    this.members.delete(room);
    this.members.set(room, member);
    this.room = room;
  }

  leave(room: Room): void {
    this.members.delete(room);
    this.room = [...this.members.keys()].at(-1);
  }

  sendPieces(pieces: Pieces): void {
    this.connection.send(new MeteredPieces(pieces, { peer: this, clock: this.#clock }));
  }

  say(message: ListenerMessage): void {
    this.connection.send(encodeMessageFrame(message));
  }
}
