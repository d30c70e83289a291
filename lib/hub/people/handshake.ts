/** The handshake: a peer's hello names it, resumes its session, and lets it enter its rooms. */

import type { Arrivals } from "./arrivals.ts";
import type { Departures } from "./departures.ts";
import type { Limits } from "../../base/limits.ts";
import type { Membership } from "../rooms/membership.ts";
import { LOBBY, type PeerMessage, Refusal } from "../../protocol/message.ts";
import { cleanNick, type Nicks } from "./nicks.ts";
import { type Bans, banText } from "./bans.ts";
import type { Peer } from "./peer.ts";
import type { Renaming } from "./renaming.ts";
import { cleanRoomName, type RoomDirectory } from "../rooms/directory.ts";
import type { Mutes } from "../rooms/mutes.ts";
import type { Sessions } from "./sessions.ts";
import { nameKey } from "../../base/text.ts";

/** The options of {@linkcode Handshake}. */
export interface HandshakeOptions {
  readonly limits: Limits;
  /** The name of the history, see {@linkcode History}. */
  readonly epoch: string;
  readonly directory: Pick<RoomDirectory, "nameOf">;
  readonly nicks: Nicks<Peer>;
  readonly sessions: Sessions<Peer>;
  readonly membership: Pick<Membership, "remove">;
  readonly bans: Bans;
  readonly mutes: Pick<Mutes, "sessionChanged">;
  readonly arrivals: Arrivals;
  readonly renaming: Renaming;
  readonly departures: Departures;
}

type Hello = Extract<PeerMessage, { type: "hello" }>;

/** The longest session, in UTF-16 code units: it is kept with each message that has a ref. */
const MAX_SESSION_LENGTH = 128;

/** Handles hellos. */
export class Handshake {
  readonly #options: HandshakeOptions;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** @throws {Refusal} Where the hello is refused; then nothing has changed and another may be sent. */
  handle(peer: Peer, hello: Hello): void {
    if (peer.hasSaidHello) throw new Refusal("bad-message", "Cannot take the hello: it was sent before");
    // A member's nick is fixed.
    const nick = hello.nick === undefined || peer.member !== undefined ? undefined : cleanNick(hello.nick);
    const asked = hello.room === undefined ? undefined : cleanRoomName(hello.room);
    this.#check(peer, hello);
    const { epoch, sessions, directory, bans, mutes, arrivals, renaming, departures } = this.#options;
    const ban = nick === undefined ? undefined : bans.ofNick(peer, nick);
    if (ban) return departures.sayBye(peer, "banned", banText(ban));
    if (nick !== undefined) renaming.check(peer, nick);

    peer.hasSaidHello = true;
    peer.echo = hello.echo ?? false;
    const own = peer.session;
    const before = sessions.take(peer, hello.session);
    if (peer.session !== own) mutes.sessionChanged(own, peer.session);
    // A room that announced the joining of the session announces its leaving too.
    peer.isQuiet = before?.isQuiet ?? hello.quiet ?? false;
    if (before) this.#replace(before, peer);
    else if (nick !== undefined) renaming.rename(peer, nick);
    const { resume } = hello;
    // Ids of another history do not apply to this one.
    const isKnown = hello.epoch === epoch;
    const place = before || peer.hasEntered ? undefined : peer.place;
    const names = this.#roomsFor(peer, { asked, before, resume });
    const last = [...names.values()].at(-1)!;
    arrivals.welcome(peer, { room: directory.nameOf(last), ref: hello.ref });
    arrivals.markEntered(peer);
    const quiet = new Set(before?.members.keys() ?? []);
    for (const room of quiet) room.members.delete(before!);
    for (const [key, name] of names) {
      arrivals.tryJoin(peer, name, {
        since: isKnown ? seenOf(resume, key) : undefined,
        newest: hello.replay,
        isQuiet: [...quiet].some((room) => room.name === name),
        ...(key === LOBBY && place ? { place } : {}),
      });
    }
    if (before) departures.sayBye(before, "replaced", "your session continues on another connection");
  }

  #check({ member }: Peer, { session, resume }: Hello): void {
    if (session !== undefined && (session === "" || session.length > MAX_SESSION_LENGTH)) {
      throw new Refusal(
        "bad-message",
        `Cannot take the hello: the key session must hold 1 to ${MAX_SESSION_LENGTH} characters`,
      );
    }
    const before = session === undefined ? undefined : this.#options.sessions.find(session);
    if (before !== undefined && before.member !== member) {
      throw new Refusal("not-allowed", "Cannot take the hello: the session is somebody else's");
    }
    const { roomsPerPeer } = this.#options.limits;
    if (resume !== undefined && resume.size > roomsPerPeer) {
      throw new Refusal(
        "bad-message",
        `Cannot take the hello: the key resume must name at most ${roomsPerPeer} rooms`,
      );
    }
  }

  /**
   * Returns the names of the rooms to enter by their keys. Names that differ only in case are one room, and the last
   * one becomes the current room.
   */
  #roomsFor(
    peer: Peer,
    { asked, before, resume }: {
      asked: string | undefined;
      before: Peer | undefined;
      resume: Hello["resume"];
    },
  ): Map<string, string> {
    const rooms = new Map<string, string>();
    for (const { name } of before?.members.keys() ?? []) rooms.set(nameKey(name), name);
    for (const name of resume?.keys() ?? []) if (!rooms.has(nameKey(name))) rooms.set(nameKey(name), name);
    const last = asked ?? before?.room?.name ?? [...rooms.values()].at(-1) ??
      peer.room?.name ?? LOBBY;
    const name = rooms.get(nameKey(last)) ?? last;
    rooms.delete(nameKey(last));
    return rooms.set(nameKey(last), name);
  }

  /** Gives a connection the nick and the rights of the one that it replaces. */
  #replace(before: Peer, peer: Peer): void {
    const { membership, nicks } = this.#options;
    // The connection may have entered as a guest already: that guest leaves now.
    for (const room of [...peer.members.keys()]) membership.remove(peer, room);
    nicks.free(peer, peer.nick);
    peer.nick = before.nick;
    nicks.give(peer, peer.nick);
    peer.isOperator ||= before.isOperator;
  }
}

/** The last id that the peer has seen in the room with the given key. */
function seenOf(resume: Hello["resume"], key: string): number | undefined {
  for (const [name, id] of resume ?? []) if (nameKey(name) === key) return id;
  return undefined;
}
