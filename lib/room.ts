/** A room: a ring of frames, and the members that read it, each from a cursor of its own. */

import type { Connection, Cursor } from "./connection.ts";
import { NOBODY, type Ring } from "./history/ring.ts";

/** Somebody in a room: a position in its ring. */
export class Member implements Cursor {
  readonly #room: Room;
  readonly #sender: number;
  /** Where it reads on. */
  position: number;
  /** Behind the last frame of its own; from there on nothing has to be left out. */
  lastOwn = 0;
  /** Whether a replay of this room has still to be written. */
  isReplaying = false;

  /** @param sender The number whose frames are its own and are left out. */
  constructor(room: Room, sender: number, position: number) {
    this.#room = room;
    this.#sender = sender;
    this.position = position;
  }

  read(): Uint8Array | null {
    const { ring } = this.#room;
    if (this.isReplaying) return null;
    if (this.position < ring.oldest) this.#room.fellBehind(this);
    while (this.position < ring.head) {
      const { bytes, next } = ring.read(this.position, this.position < this.lastOwn ? this.#sender : NOBODY);
      this.position = next;
      if (bytes !== null) return bytes;
    }
    return null;
  }
}

/** A room by its name. */
export class Room {
  readonly name: string;
  readonly ring: Ring;
  readonly members = new Map<number, { readonly connection: Connection; readonly member: Member }>();
  topic = "";
  /** Is called where a member's position is no longer in the ring. */
  readonly fellBehind: (member: Member) => void;

  constructor(name: string, ring: Ring, fellBehind: (room: Room, member: Member) => void) {
    this.name = name;
    this.ring = ring;
    this.fellBehind = (member) => fellBehind(this, member);
  }

  /** Has every member that is not writing already write what is new. */
  fanOut(): void {
    for (const { connection } of this.members.values()) connection.pump();
  }
}
