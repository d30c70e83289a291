/**
 * The interface between the hub and the other listeners of the same chat: their people, and the settings that all share.
 * The requests of other listeners to this hub are in local.ts.
 */

import type { Ref } from "../../base/ref.ts";
import type { Value } from "../../pickle/values/values.ts";
import type { Ban } from "../../history/history.ts";
import type { Removal } from "../rooms/removal.ts";

/**
 * The result of a request: it is carried out on return, or, if other listeners have to be asked, when the promise
 * resolves.
 */
export type MayWait = Promise<void> | void;

/** A peer of this listener, as other listeners see it. */
export interface Here {
  readonly nick: string;
  /** Identifies its refs: a post that comes again with the same ref is not posted twice. */
  readonly session: string;
  /** The address that it connects from, with the port. */
  readonly address: string;
  /** The member of a private chat that it has proved to be. */
  readonly member: string | undefined;
  /** Whether it enters and leaves rooms unannounced. */
  readonly isQuiet: boolean;
  /** Whether it is the operator at the listener's own terminal. */
  readonly isAtTerminal: boolean;
  readonly hasEntered: boolean;
  /** The reason for which an operator removed it; undefined if none has. */
  readonly removal: Removal | undefined;
  /** Its rooms, the one that it entered last at the end. */
  readonly members: ReadonlyMap<{ readonly name: string }, unknown>;
}

/** A person at another listener. */
export interface Distant {
  readonly nick: string;
  readonly session: string;
  readonly address: string;
  /** Whether they enter and leave rooms without being announced. */
  readonly isQuiet: boolean;
  /** The names of their rooms. */
  readonly rooms: readonly string[];
}

/** A person who may not post in a room. The session is undefined if nobody had the nick when it was muted. */
export interface MutedPerson {
  readonly nick: string;
  readonly session: string | undefined;
}

/** One room at the other listeners; a live view. */
export interface RoomElsewhere {
  /** The name as it was spelled there first; undefined if nobody is in the room there. */
  readonly name: string | undefined;
  /** The number of people in the room there. */
  readonly size: number;
  people(): Iterable<Distant>;
  /** The topic that all share; undefined if none was set while this listener ran. */
  readonly topic: string | undefined;
  /** The people who are muted everywhere. */
  readonly muted: Iterable<MutedPerson>;
  /** Mutes a person everywhere. `by` is the operator, or undefined if the person was muted before under another nick. */
  mute(person: MutedPerson, by: string | undefined): void;
  /** Unmutes a nick everywhere. */
  unmute(nick: string): void;
}

/** The names that a peer asks for in its hello or its `nick`. */
export interface Asked {
  readonly nick?: string | undefined;
  /** The session that it resumes. */
  readonly session?: string | undefined;
}

/** The names that a peer has got. */
export interface Reserved {
  /** The nick, with a suffix if somebody has the one asked for. */
  readonly nick: string | undefined;
  /** The connection that had the session at another listener, which has ended it. */
  readonly before: Before | undefined;
}

/** A connection that a peer replaces, because both have one session. */
export interface Before {
  readonly nick: string;
  readonly isOperator: boolean;
  readonly isQuiet: boolean;
  /** The names of its rooms, the one that it entered last at the end. */
  readonly rooms: readonly string[];
}

/** A private message on its way to another listener. */
export interface Letter {
  /** The receiver's nick. */
  readonly to: string;
  readonly frame: Uint8Array;
  /** The sender's session and ref, by which the message is recognized when it comes again. */
  readonly session: string;
  readonly ref: Ref | undefined;
  /** The time at which it was sent, in seconds since 1970. */
  readonly at: number;
}

/** An operator's order to remove somebody from a room. */
export interface Kick {
  readonly room: string;
  readonly nick: string;
  /** The operator's nick. */
  readonly by: string;
  readonly text: string | undefined;
}

/** The requests of other listeners to this hub. */
export interface Hereabouts {
  /** Tells a room about somebody elsewhere. */
  joined(room: string, person: Distant): void;
  left(room: string, person: Distant, removal: Removal | undefined): void;
  renamed(room: string, before: Distant, person: Distant): void;
  /** Tells a room about a topic that was set elsewhere. */
  topicSet(room: string, topic: string, by: string): void;
  banned(ban: Ban, by: string): void;
  unbanned(ban: Pick<Ban, "kind" | "value">): void;
  muted(room: string, person: MutedPerson, by: string | undefined): void;
  unmuted(room: string, nick: string): void;
  /**
   * Puts a private message into the queue of a peer.
   *
   * @returns When it was queued first, in seconds since 1970.
   * @throws {Refusal} `no-such-nick`, `busy`.
   */
  deliver(letter: Letter): number;
  /**
   * Removes a peer for an operator of another listener.
   *
   * @returns Its nick.
   * @throws {Refusal} `no-such-nick`, `not-allowed`.
   */
  kick(kick: Kick): string;
  /**
   * Ends the connection with a session that continues at another listener. No `left` is sent.
   *
   * @param member The member that the new connection has proved to be.
   * @returns The peer that had it; undefined if there is none.
   * @throws {Refusal} `not-allowed` if it is another member's.
   */
  yieldSession(session: string, member: string | undefined): (Here & Pick<Before, "isOperator">) | undefined;
  /** Ends the connection with a session that continues at another listener under another nick. Its rooms get `left`. */
  endSession(session: string): void;
  /** Whether a peer may have a nick, according to this listener alone. */
  isFree(peer: Here, nick: string): boolean;
  /** Gives a peer another nick, because it has lost its own to somebody elsewhere. */
  rename(peer: Here, nick: string): void;
  /** This listener's figures. */
  figures(): Map<Value, Value>;
}

/** The other listeners of the same chat. */
export interface Elsewhere {
  /** Takes the hub, once. */
  attach(hub: Hereabouts): void;
  /** Returns whether a peer may have a nick that nobody has here. */
  mayHave(peer: Here, nick: string): boolean;
  /**
   * Claims a nick, and a session, for a peer.
   * @returns Null if there is nothing to wait for. The peer then gets a nick that is free here.
   * @throws {Refusal} The promise rejects with `not-allowed` if the session is somebody else's.
   */
  reserve(peer: Here, asked: Asked): Promise<Reserved> | null;
  /** Notes that the nick or the rooms of a peer have changed. */
  changed(peer: Here): void;
  /** Notes that a peer continues in the place of another one. */
  replaced(before: Here, peer: Here): void;
  /** Notes that a peer is gone. If it was replaced, the person is still here. */
  gone(peer: Here, isReplaced: boolean): void;
  /** Finds a person by nick, without regard to case. */
  find(nick: string): Distant | undefined;
  room(name: string): RoomElsewhere;
  /** The names of the rooms in which somebody is. */
  rooms(): Iterable<string>;
  /**
   * Sends a private message.
   *
   * @returns When it was queued first, in seconds since 1970.
   * @throws {Refusal} `no-such-nick`, `busy`.
   */
  deliver(letter: Letter): Promise<number>;
  /** @throws {Refusal} `no-such-nick`, `not-allowed`, `busy`. */
  kick(kick: Kick): Promise<string>;
  /** Asks the others for their figures; null if there are none. */
  figures(): Promise<Map<Value, Value>[]> | null;
  /** Notes that this listener ends: its people leave now. */
  ending(): void;
}

const EMPTY_ROOM: RoomElsewhere = {
  name: undefined,
  size: 0,
  people: () => [],
  topic: undefined,
  muted: [],
  mute() {},
  unmute() {},
};

/** The {@linkcode Elsewhere} of a single listener: there are no others. */
export const NOBODY_ELSEWHERE: Elsewhere = {
  attach() {},
  mayHave: () => true,
  reserve: () => null,
  changed() {},
  replaced() {},
  gone() {},
  find: () => undefined,
  room: () => EMPTY_ROOM,
  rooms: () => [],
  deliver: () => Promise.reject(new TypeError("There is no other listener")),
  kick: () => Promise.reject(new TypeError("There is no other listener")),
  figures: () => null,
  ending() {},
};
