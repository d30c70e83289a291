/** What becomes of a hello: a peer says who it is, and takes up where it was. */

import type { Arrivals } from "./arrivals.ts";
import type { Farewell } from "./farewell.ts";
import type { History } from "../../history/history.ts";
import type { Limits } from "../../base/limits.ts";
import type { Membership } from "../rooms/membership.ts";
import { LOBBY, type PeerMessage, Refusal } from "../../protocol/message.ts";
import { cleanNick, type Nicks } from "./nicks.ts";
import { banText, type Operators } from "../operators.ts";
import type { Peer } from "./peer.ts";
import type { Renaming } from "./renaming.ts";
import { cleanRoomName, type Rooms } from "../rooms/rooms.ts";
import type { Sessions } from "./sessions.ts";
import { nameKey } from "../../base/text.ts";

/** What {@linkcode Introduction} works on. */
export interface IntroductionOptions {
  readonly limits: Limits;
  readonly history: History;
  readonly rooms: Rooms;
  readonly nicks: Nicks<Peer>;
  readonly sessions: Sessions<Peer>;
  readonly membership: Membership;
  readonly operators: Operators;
  readonly arrivals: Arrivals;
  readonly renaming: Renaming;
  readonly farewell: Farewell;
}

type Hello = Extract<PeerMessage, { type: "hello" }>;

/** The longest session that is taken, in UTF-16 code units: it is kept with each message that has a ref. */
const MAX_SESSION_LENGTH = 128;

/** Takes hellos. */
export class Introduction {
  readonly #options: IntroductionOptions;

  constructor(options: IntroductionOptions) {
    this.#options = options;
  }

  /** @throws {Refusal} Where it cannot be taken; then all is as before. */
  take(peer: Peer, hello: Hello): void {
    // First all that may be refused, so that it can be said again.
    if (peer.hasSaidHello) throw new Refusal("bad-message", "Cannot take the hello: it was said before");
    const nick = hello.nick === undefined ? undefined : cleanNick(hello.nick);
    const asked = hello.room === undefined ? undefined : cleanRoomName(hello.room);
    this.#check(hello);
    const { history, sessions, rooms, operators, arrivals, renaming, farewell } = this.#options;
    const ban = nick === undefined ? undefined : operators.findBan(peer, { nick });
    if (ban) return farewell.sayBye(peer, "banned", banText(ban));
    if (nick !== undefined) renaming.check(peer, nick);

    peer.hasSaidHello = true;
    peer.echo = hello.echo ?? false;
    const before = sessions.take(peer, hello.session);
    if (before) this.#replace(before, peer);
    else if (nick !== undefined) renaming.rename(peer, nick);
    const { resume } = hello;
    // What was seen of another history says nothing about this one.
    const isKnown = hello.epoch === history.epoch;
    const place = before || peer.hasEntered ? undefined : peer.place;
    const names = this.#roomsFor(peer, { asked, before, resume });
    const last = [...names.values()].at(-1)!;
    arrivals.welcome(peer, { room: rooms.nameOf(last), ref: hello.ref });
    arrivals.markEntered(peer);
    const quiet = new Set(before?.members.keys() ?? []);
    for (const room of quiet) room.members.delete(before!);
    for (const [key, name] of names) {
      arrivals.tryEnter(peer, name, {
        since: isKnown ? seenOf(resume, key) : undefined,
        newest: hello.replay,
        isQuiet: [...quiet].some((room) => room.name === name),
        ...(key === LOBBY && place ? { place } : {}),
      });
    }
    if (before) farewell.sayBye(before, "replaced", "your session went on from another connection");
  }

  #check({ session, resume }: Hello): void {
    if (session !== undefined && (session === "" || session.length > MAX_SESSION_LENGTH)) {
      throw new Refusal(
        "bad-message",
        `Cannot take the hello: the key session must hold 1 to ${MAX_SESSION_LENGTH} characters`,
      );
    }
    const { roomsPerPeer } = this.#options.limits;
    if (resume !== undefined && resume.size > roomsPerPeer) {
      throw new Refusal(
        "bad-message",
        `Cannot take the hello: the key resume must name at most ${roomsPerPeer} rooms`,
      );
    }
  }

  /** The rooms that a hello is about, by their keys: one may be named in two ways. The last is where it is then. */
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
      (peer.room ?? this.#options.rooms.lobby).name;
    const name = rooms.get(nameKey(last)) ?? last;
    rooms.delete(nameKey(last));
    return rooms.set(nameKey(last), name);
  }

  /** Hands the name and the rights of a connection over to the one that takes its place. */
  #replace(before: Peer, peer: Peer): void {
    const { membership, nicks } = this.#options;
    // It may have come in as a guest already, who goes now.
    for (const room of [...peer.members.keys()]) membership.remove(peer, room);
    nicks.free(peer, peer.nick);
    peer.nick = before.nick;
    nicks.give(peer, peer.nick);
    peer.isOperator ||= before.isOperator;
  }
}

/** The id that was seen last in the room with that key. */
function seenOf(resume: Hello["resume"], key: string): number | undefined {
  for (const [name, id] of resume ?? []) if (nameKey(name) === key) return id;
  return undefined;
}
