/** The handshake: a peer's hello names it, resumes its session, and lets it enter its rooms. */

import type { Arrivals } from "./arrivals.ts";
import type { Departures } from "./departures.ts";
import type { Limits } from "../../base/limits.ts";
import type { Membership } from "../rooms/membership.ts";
import { LOBBY, type PeerMessage, Refusal } from "../../protocol/message.ts";
import { cleanNick, type Nicks } from "./nicks.ts";
import { type Bans, banText } from "./bans.ts";
import type { Before, Elsewhere, MayWait, Reserved } from "../elsewhere/elsewhere.ts";
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
  readonly directory: Pick<RoomDirectory, "nameOf" | "reach">;
  readonly nicks: Nicks<Peer>;
  readonly sessions: Sessions<Peer>;
  readonly membership: Pick<Membership, "remove">;
  readonly bans: Bans;
  readonly mutes: Pick<Mutes, "sessionChanged">;
  readonly arrivals: Arrivals;
  readonly renaming: Renaming;
  readonly departures: Departures;
  readonly elsewhere: Pick<Elsewhere, "reserve" | "replaced">;
}

type Hello = Extract<PeerMessage, { type: "hello" }>;

/** The longest session, in UTF-16 code units: it is kept with each message that has a ref. */
const MAX_SESSION_LENGTH = 128;

/** Handles hellos. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #lastHello = 0;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /**
   * Handles a hello.
   *
   * @returns A promise if its names have to be claimed at other listeners first, or if messages that it has seen there
   *   have not arrived here yet.
   * @throws {Refusal} If the hello is refused; another may be sent. Nothing has changed then, but a peer whose hello had
   *   to wait has entered as a guest.
   */
  handle(peer: Peer, hello: Hello): MayWait {
    if (peer.hasSaidHello) throw new Refusal("bad-message", "Cannot take the hello: it was sent before");
    peer.helloNumber = ++this.#lastHello;
    // A member's nick is fixed.
    const asked = hello.nick === undefined || peer.member !== undefined ? undefined : cleanNick(hello.nick);
    if (hello.room !== undefined) cleanRoomName(hello.room);
    this.#check(peer, hello);
    const { sessions, bans, renaming, departures, elsewhere } = this.#options;
    const ban = asked === undefined ? undefined : bans.ofNick(peer, asked);
    if (ban) return departures.sayBye(peer, "banned", banText(ban));
    const nick = asked === undefined ? undefined : renaming.check(peer, asked);
    const { session } = hello;
    // A connection that is replaced here has both names already.
    const isHere = session !== undefined && ![undefined, peer].includes(sessions.find(session));
    const waiting = isHere ? null : elsewhere.reserve(peer, { nick, session });
    const behind = this.#catchUp(hello);
    if (waiting === null && behind.length === 0) return this.#greet(peer, hello, { nick, before: undefined });
    return this.#greetLater(peer, hello, { nick, waiting, behind });
  }

  /**
   * Answers a hello when its names are claimed and the messages that it has seen are here. Until then the peer does not
   * enter as a guest.
   */
  async #greetLater(
    peer: Peer,
    hello: Hello,
    { nick, waiting, behind }: {
      nick: string | undefined;
      waiting: Promise<Reserved> | null;
      behind: Promise<void>[];
    },
  ): Promise<void> {
    const { arrivals } = this.#options;
    peer.cancelEntering();
    let reserved: Reserved | null;
    try {
      [reserved] = await Promise.all([waiting, ...behind]);
    } catch (error) {
      arrivals.enterLobby(peer);
      throw error;
    }
    this.#greet(peer, hello, reserved ?? { nick, before: undefined });
  }

  /** Returns the promises to wait for, until everything that the peer has seen is here. */
  #catchUp({ epoch, resume }: Hello): Promise<void>[] {
    if (resume === undefined || epoch !== this.#options.epoch) return [];
    return [...resume].flatMap(([name, id]) => this.#options.directory.reach(name, id) ?? []);
  }

  /** Answers a hello that is accepted. */
  #greet(peer: Peer, hello: Hello, { nick, before: distant }: Reserved): void {
    if (!peer.isHere) return;
    const { epoch, sessions, directory, mutes, arrivals, renaming, departures } = this.#options;
    const live = hello.session === undefined ? undefined : sessions.find(hello.session);
    // A newer hello had to wait for less: its connection keeps the session.
    if (live !== undefined && live.helloNumber > peer.helloNumber) return departures.sayReplaced(peer);
    peer.hasSaidHello = true;
    peer.echo = hello.echo ?? false;
    const own = peer.session;
    const here = sessions.take(peer, hello.session);
    const before = here === undefined ? distant : beforeOf(here);
    if (peer.session !== own) mutes.sessionChanged(own, peer.session);
    // A room in which the session's join was announced announces its leaving too.
    peer.isQuiet = before?.isQuiet ?? hello.quiet ?? false;
    if (before) this.#replace(before, peer);
    else if (nick !== undefined) renaming.rename(peer, nick);
    if (here) this.#options.elsewhere.replaced(here, peer);
    const { resume } = hello;
    // Ids of another history do not apply to this one.
    const isKnown = hello.epoch === epoch;
    const place = before || peer.hasEntered ? undefined : peer.place;
    const asked = hello.room === undefined ? undefined : cleanRoomName(hello.room);
    const names = this.#roomsFor(peer, { asked, before, resume });
    const last = [...names.values()].at(-1)!;
    arrivals.welcome(peer, { room: directory.nameOf(last), ref: hello.ref });
    arrivals.markEntered(peer);
    for (const room of here?.members.keys() ?? []) room.members.delete(here!);
    for (const [key, name] of names) {
      arrivals.tryJoin(peer, name, {
        since: isKnown ? seenOf(resume, key) : undefined,
        newest: hello.replay,
        isQuiet: before?.rooms.includes(name) ?? false,
        ...(key === LOBBY && place ? { place } : {}),
      });
    }
    if (here) departures.sayReplaced(here);
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
      throw somebodyElses();
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
      before: Before | undefined;
      resume: Hello["resume"];
    },
  ): Map<string, string> {
    const rooms = new Map<string, string>();
    for (const name of before?.rooms ?? []) rooms.set(nameKey(name), name);
    for (const name of resume?.keys() ?? []) if (!rooms.has(nameKey(name))) rooms.set(nameKey(name), name);
    const last = asked ?? before?.rooms.at(-1) ?? [...rooms.values()].at(-1) ??
      peer.room?.name ?? LOBBY;
    const name = rooms.get(nameKey(last)) ?? last;
    rooms.delete(nameKey(last));
    return rooms.set(nameKey(last), name);
  }

  /** Gives a connection the nick and the rights of the one that it replaces. */
  #replace(before: Before, peer: Peer): void {
    const { membership, nicks } = this.#options;
    // The connection may have entered as a guest already: that guest leaves now.
    for (const room of [...peer.members.keys()]) membership.remove(peer, room);
    nicks.free(peer, peer.nick);
    peer.nick = before.nick;
    nicks.give(peer, peer.nick);
    peer.isOperator ||= before.isOperator;
  }
}

/** The refusal of a hello with the session of another member. */
export function somebodyElses(): Refusal {
  return new Refusal("not-allowed", "Cannot take the hello: the session is somebody else's");
}

function beforeOf({ nick, isOperator, isQuiet, members }: Peer): Before {
  return { nick, isOperator, isQuiet, rooms: Array.from(members.keys(), ({ name }) => name) };
}

/** The last id that the peer has seen in the room with the given key. */
function seenOf(resume: Hello["resume"], key: string): number | undefined {
  for (const [name, id] of resume ?? []) if (nameKey(name) === key) return id;
  return undefined;
}
