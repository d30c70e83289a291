/**
 * Turns of the event loop. The posts of one turn are stored together at its end, and then acked and written to the
 * members. Posts that arrive together share one transaction, and one write to each member.
 */

import type { Ref } from "../../base/ref.ts";
import { frameSize, HEADER_SIZE, writeHeader } from "../../frame/mod.ts";
import type { History, HistoryError, Place, Post } from "../../history/history.ts";
import type { OnceLog } from "../../log/once.ts";
import type { ListenerMessage } from "../../protocol/message.ts";
import { encodeMessageFrame } from "../../protocol/message_frame.ts";
import type { Counters } from "../upkeep/counters.ts";
import { Arena } from "./arena.ts";
import type { RoomDirectory } from "./directory.ts";
import { NOBODY } from "./ring.ts";
import type { Member, Occupant, PendingPost, PostOutcomes, Presence, Room } from "./room.ts";

/** A post by a peer of this listener, until its outcome is known. */
class Draft implements Post, PendingPost {
  readonly member: Member;
  readonly at: number;
  frame: Uint8Array;
  readonly session: string;
  readonly ref: Ref | undefined;
  readonly origin: string;
  followers: Presence[] | null = null;

  constructor(member: Member, { at, frame, ref }: { at: number; frame: Uint8Array; ref: Ref | undefined }) {
    const { session, origin } = member.peer;
    this.member = member;
    this.at = at;
    this.frame = frame;
    this.session = session;
    this.ref = ref;
    this.origin = origin;
  }
}

/** A message to be posted. */
export interface OutgoingPost {
  /** Seconds since 1970. */
  readonly at: number;
  readonly ref: Ref | undefined;
  /** The length of its payload. */
  readonly length: number;
  /** Writes the payload after the header of a frame. */
  readonly write: (frame: Uint8Array) => void;
}

/** The options of a {@linkcode Turn}. */
export interface TurnOptions {
  readonly history: Pick<History, "flush">;
  /** Calls `then` at the end of this turn of the event loop, when all input of the turn has been handled. */
  readonly atTurnsEnd: (then: () => void) => void;
  readonly directory: Pick<RoomDirectory, "trim" | "dropIfEmpty">;
  readonly once: OnceLog;
  readonly counters: Counters;
}

/** Collects the posts of a turn, and handles their outcomes, in this turn or a later one. */
export class Turn implements PostOutcomes {
  readonly #options: TurnOptions;
  readonly #arena = new Arena();
  /** The number of posts that have no outcome yet. */
  #pending = 0;
  /** Called when all posts have their outcome. */
  #whenSettled: (() => void)[] = [];
  /** The posts after which presence of this turn waits. */
  #followed: { readonly room: Room; readonly post: PendingPost }[] = [];
  /** The members that joined in this turn. */
  #joined: Member[] = [];
  #answers: { readonly peer: Occupant; readonly message: ListenerMessage }[] = [];
  /** The rooms that have new frames to write. */
  #dirty = new Set<Room>();
  #isPlanned = false;
  /** Whether the last outcome was a refusal. */
  #isFailing = false;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /**
   * Posts a message to a member's room.
   * @throws {HistoryError} If the history cannot take it.
   */
  post(member: Member, { at, ref, length, write }: OutgoingPost): void {
    const size = frameSize(length);
    const frame = this.#arena.take(size);
    writeHeader(frame, 0, size - HEADER_SIZE);
    write(frame);
    frame.fill(0, HEADER_SIZE + length);
    const draft = new Draft(member, { at, frame, ref });
    const { room } = member;
    room.log.post(draft);
    room.pending++;
    room.lastPending = draft;
    this.#pending++;
    this.#plan();
  }

  /** Sends a message that is not a post, such as presence, to all members of a room, after the posts before it. */
  tell(room: Room, message: ListenerMessage, sender: number): void {
    const presence = { frame: encodeMessageFrame(message), number: ++room.presence, sender };
    const post = room.lastPending;
    if (post === null) this.#append(room, presence);
    else if (post.followers === null) {
      post.followers = [presence];
      this.#followed.push({ room, post });
    } else post.followers.push(presence);
    this.#plan();
  }

  /** Records that a member has joined. It gets no presence from before. */
  joined(member: Member): void {
    const { room } = member;
    member.presence = room.presence;
    member.lastOwn = room.ring.head;
    this.#joined.push(member);
    this.#plan();
  }

  /** Schedules a room for the end of the turn, when its new frames are written and its ring is trimmed. */
  touch(room: Room): void {
    this.#dirty.add(room);
    this.#plan();
  }

  arrived(room: Room, firstId: number, posts: readonly Post[]): void {
    const { counters, once } = this.#options;
    let id = firstId;
    for (const post of posts) {
      if (post instanceof Draft) this.#arrivedHere(room, post, id);
      else room.ring.addMessage(post.frame, NOBODY);
      id++;
    }
    counters.messages += posts.length;
    if (this.#isFailing) once.forget("history", { event: "working", what: "history" });
    this.#isFailing = false;
    this.touch(room);
  }

  #arrivedHere(room: Room, draft: Draft, id: number): void {
    const { member, frame, at, ref } = draft;
    const { peer } = member;
    room.ring.addMessage(frame, peer.echo ? NOBODY : peer.number);
    member.lastOwn = room.ring.head;
    if (ref !== undefined) this.#answers.push({ peer, message: { type: "ack", id, at, ref } });
    this.#settle(room, draft);
  }

  repeated(room: Room, draft: Post, { id, at }: Place): void {
    if (!(draft instanceof Draft)) return;
    const { ref, member: { peer } } = draft;
    this.#answers.push({ peer, message: { type: "ack", id, at, ref: ref! } });
    this.#settle(room, draft);
    this.touch(room);
  }

  refused(room: Room, draft: Post, { message: text }: HistoryError): void {
    if (!(draft instanceof Draft)) return;
    const { ref, member: { peer } } = draft;
    this.#options.once.tell("history", { event: "failing", what: "history", text });
    this.#isFailing = true;
    this.#answers.push({ peer, message: { type: "error", code: "not-stored", text, ref } });
    this.#settle(room, draft);
    this.touch(room);
  }

  #settle(room: Room, draft: Draft): void {
    room.pending--;
    this.#pending--;
    if (room.lastPending === draft) room.lastPending = null;
    this.#appendFollowers(room, draft);
  }

  #appendFollowers(room: Room, post: PendingPost): void {
    const { followers } = post;
    post.followers = null;
    for (const presence of followers ?? []) this.#append(room, presence);
  }

  #append(room: Room, { frame, number, sender }: Presence): void {
    room.ring.addPresence(frame, { number, sender });
    this.#dirty.add(room);
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#options.atTurnsEnd(() => this.end());
  }

  /** Resolves when every post has its outcome, which has been written to its sender and the members. */
  settled(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : new Promise((then) => this.#whenSettled.push(then));
  }

  /** Stores the posts of the turn, acks those that have arrived, and writes them to the members. */
  end(): void {
    const { history, directory } = this.#options;
    try {
      history.flush();
    } finally {
      this.#isPlanned = false;
    }
    // Presence does not wait for a post that has no outcome yet.
    for (const { room, post } of this.#followed) this.#appendFollowers(room, post);
    for (const member of this.#joined) member.lastOwn = member.room.ring.head;
    if (this.#pending === 0) this.#arena.reuse();
    const answers = this.#answers;
    const dirty = this.#dirty;
    this.#followed = [];
    this.#joined = [];
    this.#answers = [];
    this.#dirty = new Set();
    for (const { peer, message } of answers) peer.say(message);
    for (const room of dirty) room.fanOut();
    // Trim only now: members that keep up have read the frames.
    for (const room of dirty) {
      room.trim();
      directory.dropIfEmpty(room);
    }
    directory.trim();
    if (this.#pending === 0 && this.#whenSettled.length > 0) {
      for (const then of this.#whenSettled.splice(0)) then();
    }
  }
}
