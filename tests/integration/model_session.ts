/** A session over all its connections, held against what it must be told and in which order. */

import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";

/** How long may pass until what must come has come. */
const PATIENCE_MS = 20_000;

/** What all sessions together have found out about the rooms. */
export class Ledger {
  /** The bodies of the messages by room and id. A body tells its session and ref, and is posted once. */
  readonly #bodies = new Map<string, Map<number, string>>();
  readonly #places = new Map<string, string>();
  /** The ports of the listeners at which each private message was seen. */
  readonly privately = new Map<string, Set<number>>();
  readonly faults: string[] = [];
  /** Whether there are several listeners: a private message to one who moves between them is refused as busy. */
  isShared = false;
  /** How often what happened. */
  readonly counts = { messages: 0, replayed: 0, gaps: 0, caughtUp: 0, resumed: 0, again: 0, refused: 0 };

  #onChange: (() => void)[] = [];

  fault(text: string): void {
    this.faults.push(text);
  }

  /** Tells that some session was told something. */
  changed(): void {
    for (const wake of this.#onChange.splice(0)) wake();
  }

  /** Waits until some session is told something. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve));
  }

  /** Takes that a message stands at a place; every other sight of it must say the same. */
  note(room: string, id: number, body: string): void {
    let bodies = this.#bodies.get(room);
    if (bodies === undefined) this.#bodies.set(room, bodies = new Map());
    const before = bodies.get(id);
    if (before !== undefined && before !== body) this.fault(`${room} ${id} is ${before}, and ${body}`);
    bodies.set(id, body);
    const place = this.#places.get(body);
    if (place !== undefined && place !== `${room} ${id}`) {
      this.fault(`${body} is ${place}, and ${room} ${id}`);
    }
    this.#places.set(body, `${room} ${id}`);
  }

  /** The session that posted the message, where it is known. */
  sessionOf(room: string, id: number): string | undefined {
    return this.#bodies.get(room)?.get(id)?.split(" ")[0];
  }
}

/** A room as the session has seen it. */
interface View {
  /** The id that must come next, leaving out the session's own; null where nothing was seen yet. */
  next: number | null;
  /** How many messages a newcomer is given. */
  readonly newest: number;
  /** Whether the replay of its entering is not over yet. */
  isEntering: boolean;
  /** Where nothing was seen: the highest id that may come first. */
  mostFirst: number;
  /** Who is there, as far as it was told. */
  names: Set<string>;
  /** How many messages of a replay are to come before anything else of the room. */
  replayLeft: number;
  /** What the replay must end with, where that is known. */
  replayEnd: number | null;
}

/** A page of history that was asked for. */
interface Page {
  readonly before: number;
  readonly limit: number;
}

/** A page that was asked for and may turn out empty, where the room was left meanwhile. */
interface Asked extends Page {
  readonly room: string;
  isLeft: boolean;
}

/** One connection; what comes on it after it was given up is not looked at. */
interface Link {
  readonly conn: Deno.TcpConn;
  /** The port of its listener. */
  readonly at: number;
  readonly ended: Promise<void>;
  written: Promise<unknown>;
  isGivenUp: boolean;
}

export interface SessionOptions {
  readonly name: string;
  readonly echo: boolean;
  readonly ledger: Ledger;
  /** Whether the listener keeps every message, so that there are no gaps. */
  readonly keepsAll: boolean;
}

/** How a session connects. */
export interface Connecting {
  readonly port: number;
  readonly room?: string | undefined;
  readonly replay: number;
  readonly resumes: boolean;
}

/** A session. */
export class Session {
  readonly name: string;
  readonly echo: boolean;
  readonly rooms = new Map<string, View>();
  /** The id of the newest post of its own, by room. */
  readonly newest = new Map<string, number>();
  readonly #ledger: Ledger;
  readonly #keepsAll: boolean;
  readonly #posts = new Map<number, Record<string, Value>>();
  readonly #unacked = new Set<number>();
  /** The first ref that was posted on this connection. */
  #firstRef = 1;
  readonly #acked = new Map<number, string>();
  readonly #pages = new Map<string, Asked>();
  /** The page that is coming: its room, how many are to come, and the id that came last. */
  #page: (Asked & { left: number; at: number | null }) | null = null;
  /** The ids that its hello asked to go on from, by room, and its joins, by ref. */
  readonly #asked = new Map<string, number>();
  readonly #joins = new Map<string, number>();
  /** What was seen last of rooms that were left. */
  readonly #leftAt = new Map<string, number>();
  /** Ids that were left out: they must turn out to be the session's own. */
  readonly #skipped: { readonly room: string; readonly first: number; readonly last: number }[] = [];
  #replay = 0;
  #epoch: string | undefined;
  #nick: string | undefined;
  #nextRef = 1;
  #pongs = 0;
  #link: Link | undefined;
  #unansweredAt: number | undefined;
  /** The connections that it gave up without closing them, because it went to another listener. */
  readonly #elsewhere = new Set<Link>();

  constructor({ name, echo, ledger, keepsAll }: SessionOptions) {
    this.name = name;
    this.echo = echo;
    this.#ledger = ledger;
    this.#keepsAll = keepsAll;
  }

  get nick(): string | undefined {
    return this.#nick;
  }

  get isLive(): boolean {
    return this.#link !== undefined;
  }

  /** The port of the listener that has not answered its last hello; undefined if it has. */
  get unansweredAt(): number | undefined {
    return this.#unansweredAt;
  }

  /** The port of its end of the connection. */
  get port(): number {
    return (this.#link!.conn.localAddr as Deno.NetAddr).port;
  }

  /** Connects, in place of the connection that it has, if it has one. */
  async connect({ port, room, replay, resumes }: Connecting): Promise<void> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const old = this.#link;
    if (old !== undefined) old.isGivenUp = true;
    if (old !== undefined && old.at !== port) this.#elsewhere.add(old);
    const resume = new Map<Value, Value>();
    for (const asked of [this.#asked, this.#joins, this.#leftAt, this.#pages]) asked.clear();
    this.#page = null;
    this.#firstRef = this.#nextRef;
    this.#replay = replay;
    for (const [name, { next }] of this.rooms) {
      if (!resumes || next === null) continue;
      resume.set(name, next - 1);
      this.#asked.set(name, next - 1);
    }
    this.rooms.clear();
    this.#nick = undefined;
    const link: Link = {
      conn,
      at: port,
      isGivenUp: false,
      written: Promise.resolve(),
      ended: Promise.resolve(),
    };
    this.#link = link;
    this.#unansweredAt = port;
    Object.assign(link, { ended: this.#read(link) });
    const back = resumes && this.#epoch !== undefined ? { resume, epoch: this.#epoch } : {};
    const inRoom = room === undefined ? {} : { room };
    this.say({
      type: "hello",
      nick: this.name,
      session: `session of ${this.name}`,
      echo: this.echo,
      replay,
      ref: "hello",
      ...back,
      ...inRoom,
    });
    for (const ref of this.#unacked) this.say(this.#posts.get(ref)!);
  }

  /**
   * Cuts the connection, in the midst of whatever goes on; gives when it is over. One at another listener is cut, too: if
   * the new one has not been welcomed yet, the old one goes on.
   */
  async cut(): Promise<void> {
    const links = [this.#link!, ...this.#elsewhere];
    this.#link = undefined;
    this.#elsewhere.clear();
    for (const link of links) {
      link.isGivenUp = true;
      closeQuietly(link.conn);
    }
    for (const { ended, written } of links) {
      await ended;
      await written.catch(() => {});
    }
  }

  say(message: Record<string, Value>): void {
    const frame = encodeFrame(encode(new Map(Object.entries(message))));
    const link = this.#link!;
    link.written = link.written.then(async () => {
      for (let at = 0; at < frame.length;) at += await link.conn.write(frame.subarray(at));
    });
    link.written.catch((error) => {
      if (!link.isGivenUp) this.#fault(`cannot write: ${error}`);
    });
  }

  post(room: string, size: number): void {
    const ref = this.#nextRef++;
    this.#post(ref, { type: "message", room, ref, body: `${this.name} ${ref} ${"x".repeat(size)}` });
  }

  /** Says something again that was said before: acked or not, it must not come twice. */
  postAgain(random: (n: number) => number): void {
    const waiting = [...this.#unacked];
    if (waiting.length > 0) this.say(this.#posts.get(waiting[random(waiting.length)]!)!);
    const acked = [...this.#acked.keys()];
    if (acked.length === 0) return;
    const ref = acked[random(acked.length)]!;
    this.#ledger.counts.again++;
    this.say({ type: "message", room: this.#acked.get(ref)!.split(" ")[0]!, ref, body: "again" });
  }

  /** Joins a room; one that it has left it may take up where it was. */
  join(room: string, { resumes = false } = {}): void {
    const since = resumes ? this.#leftAt.get(room) : undefined;
    const ref = `join ${this.#nextRef++}`;
    if (since !== undefined) this.#joins.set(ref, since);
    this.say({ type: "join", room, ref, ...(since === undefined ? {} : { since }) });
  }

  leave(room: string): void {
    for (const page of this.#pages.values()) if (page.room === room) page.isLeft = true;
    this.say({ type: "leave", room, ref: "leave" });
  }

  rename(nick: string): void {
    this.say({ type: "nick", nick, ref: "nick" });
  }

  askHistory(room: string, page: Page): void {
    const ref = `page ${this.#nextRef++}`;
    this.#pages.set(ref, { ...page, room, isLeft: false });
    this.say({ type: "history", room, ...page, ref });
  }

  /** Waits until something holds that only what sessions are told can change. */
  async until(what: () => string, holds: () => boolean): Promise<void> {
    // A model that waits for ever would not say for what.
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#ledger.changed();
    }, PATIENCE_MS);
    try {
      while (!holds()) {
        if (!this.isLive || isLate) {
          throw new Error(`${this.name} waits until ${what()}: ${this.#ledger.faults}`);
        }
        await this.#ledger.change();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits until all that was asked and posted is answered. */
  async settled(): Promise<void> {
    const pongs = this.#pongs + 1;
    this.say({ type: "ping" });
    await this.until(() => "all was answered", () => this.#pongs >= pongs && this.#unacked.size === 0);
  }

  /** Holds what was left out against what has turned out. */
  check(): void {
    for (const { room, first, last } of this.#skipped) {
      for (let id = first; id <= last; id++) {
        const session = this.#ledger.sessionOf(room, id);
        if (session !== this.name) this.#fault(`did not get ${room} ${id} of ${session}`);
      }
    }
    this.#skipped.length = 0;
  }

  #fault(text: string): void {
    this.#ledger.fault(`${this.name}: ${text}`);
  }

  async #read(link: Link): Promise<void> {
    try {
      for await (const payload of new FrameReader(link.conn, { maxPayload: 1 << 24 })) {
        if (link.isGivenUp) continue;
        this.#take(Object.fromEntries(decode(payload) as Map<string, Value>));
        this.#ledger.changed();
      }
    } catch (error) {
      if (!link.isGivenUp) this.#fault(`cannot read: ${error}`);
    }
    if (this.#link === link) this.#link = undefined;
    this.#ledger.changed();
    closeQuietly(link.conn);
  }

  #take(told: Record<string, Value>): void {
    const room = told.room as string;
    switch (told.type) {
      case "welcome":
        this.#epoch ??= told.epoch as string;
        if (told.epoch !== this.#epoch) this.#fault("the epoch has changed");
        if (told.ref !== "hello") return;
        this.#nick = told.nick as string;
        this.#unansweredAt = undefined;
        return;
      case "joined":
        return this.#joined(told);
      // Its own are those that answer it: by the name it could be somebody else, who was called so before.
      case "left":
        if (told.ref === "leave") this.#left(room);
        else this.#view(told)?.names.delete(told.nick as string);
        return;
      case "renamed":
        if (told.ref === "nick") return void (this.#nick = told.to as string);
        this.rooms.get(room)?.names.delete(told.nick as string);
        this.rooms.get(room)?.names.add(told.to as string);
        return;
      case "who": {
        const view = this.#view(told);
        if (view) view.names = new Set(told.nicks as string[]);
        this.#ledger.counts.caughtUp++;
        return;
      }
      case "gap":
        return this.#gap(told);
      case "replay":
        return this.#replayed(told);
      case "message":
        return told.id === undefined ? this.#private(told) : this.#message(told);
      case "ack":
        return this.#ack(told);
      case "error":
        return this.#refused(told);
      case "pong":
        this.#pongs++;
        return;
      case "bye":
        this.#fault(`bye ${told.code}: ${told.text}`);
    }
  }

  #view({ type, room }: Record<string, Value>): View | undefined {
    const view = this.rooms.get(room as string);
    if (view === undefined) this.#fault(`${type} of ${room}, where it is not`);
    return view;
  }

  #left(room: string): void {
    const next = this.#view({ type: "left", room })?.next ?? null;
    if (next !== null) this.#leftAt.set(room, next - 1);
    this.rooms.delete(room);
  }

  #joined({ room, nick, nicks, head, ref }: Record<string, Value>): void {
    const name = room as string;
    if (nicks === undefined) return void this.rooms.get(name)?.names.add(nick as string);
    const names = new Set(nicks as string[]);
    if (names.size !== (nicks as string[]).length) this.#fault(`${name} has a name twice: ${nicks}`);
    if (!names.has(this.#nick!)) this.#fault(`is not in ${name}: ${nicks}`);
    const since = ref === undefined ? this.#asked.get(name) : this.#joins.get(ref as string);
    if (ref === undefined) this.#asked.delete(name);
    const isBack = since !== undefined && since <= Number(head);
    if (isBack) this.#ledger.counts.resumed++;
    const here = this.rooms.get(name);
    // It was there already, and goes on as it was.
    if (here !== undefined && !isBack) return void (here.names = names);
    this.rooms.set(name, {
      newest: ref === undefined ? this.#replay : 50,
      isEntering: true,
      next: isBack ? since + 1 : null,
      mostFirst: Number(head) + 1,
      names,
      replayLeft: 0,
      // What was said between the accept and the entering comes after the replay of the lobby.
      replayEnd: name === "lobby" ? null : Number(head),
    });
  }

  #gap(told: Record<string, Value>): void {
    const view = this.#view(told);
    const [first, last] = [Number(told.first), Number(told.last)];
    this.#ledger.counts.gaps++;
    if (this.#keepsAll) this.#fault(`a gap of ${told.room} from ${first} to ${last}`);
    if (view === undefined) return;
    this.#expect(view, told.room as string, first);
    view.next = last + 1;
  }

  #replayed({ room, count, ref }: Record<string, Value>): void {
    const name = room as string;
    const view = this.rooms.get(name);
    if (view === undefined) {
      if (count !== 0) this.#fault(`a replay of ${name}, where it is not`);
      return;
    }
    if (view.replayLeft > 0) this.#fault(`a replay of ${name} inside another`);
    view.replayLeft = Number(count);
    const page = this.#pages.get(String(ref));
    if (page !== undefined) {
      // A page of history is beside the stream: take it out again by its own rules.
      this.#pages.delete(String(ref));
      this.#page = { ...page, left: Number(count), at: null };
      view.replayLeft = 0;
      const isNone = count === 0 && page.isLeft;
      if (this.#keepsAll && !isNone && Number(count) !== Math.min(page.limit, page.before - 1)) {
        this.#fault(`a page of ${count} messages before ${page.before} of ${name}`);
      }
    } else if (view.next === null && this.#keepsAll && view.replayEnd !== null) {
      const expected = Math.min(view.newest, view.replayEnd);
      if (Number(count) !== expected) this.#fault(`a replay of ${count} of ${name}, not ${expected}`);
    }
    if (count !== 0 || page !== undefined) return;
    view.isEntering = false;
    if (view.next === null && view.replayEnd !== null) view.next = view.replayEnd + 1;
  }

  #message({ room, id, from, body }: Record<string, Value>): void {
    const name = room as string;
    const number = Number(id);
    this.#ledger.counts.messages++;
    this.#ledger.note(name, number, body as string);
    if (typeof from !== "string") this.#fault(`${name} ${id} is from ${from}`);
    const page = this.#page;
    if (page !== null && page.room === name && page.left > 0) {
      if (page.at !== null && number !== page.at + 1) this.#fault(`a page goes from ${page.at} to ${number}`);
      page.at = number;
      if (--page.left === 0) {
        this.#page = null;
        if (number !== page.before - 1) this.#fault(`a page before ${page.before} ends with ${number}`);
      }
      return;
    }
    const view = this.rooms.get(name);
    if (view === undefined) return this.#fault(`message ${id} of ${name}, where it is not`);
    if (view.replayLeft > 0) {
      view.replayLeft--;
      this.#ledger.counts.replayed++;
      // Its first one is where a newcomer begins.
      if (view.next === null) view.next = number;
      // One that catches up leaves out the session's own, too, as far as they were passed over live.
      const isExact = view.isEntering || this.echo;
      if (isExact && number !== view.next) {
        this.#fault(`a replay of ${name} has ${number} in place of ${view.next}`);
      }
      if (view.replayLeft === 0) view.isEntering = false;
    } else if (!this.echo && this.#isOfThisLink(body as string)) {
      this.#fault(`${name} ${id} is its own, and came back to it`);
    }
    this.#expect(view, name, number);
    view.next = number + 1;
  }

  #isOfThisLink(body: string): boolean {
    const [session, ref] = body.split(" ");
    return session === this.name && Number(ref) >= this.#firstRef;
  }

  /** What comes next has this id: what lies before it must be the session's own. */
  #expect(view: View, room: string, id: number): void {
    if (view.next === null) {
      if (id > view.mostFirst) this.#skipped.push({ room, first: view.mostFirst, last: id - 1 });
    } else if (id < view.next) this.#fault(`${room} ${id} came after ${view.next - 1}`);
    else if (id > view.next) {
      if (this.echo) this.#fault(`${room} ${id} came where ${view.next} was to come`);
      this.#skipped.push({ room, first: view.next, last: id - 1 });
    }
  }

  #private({ body }: Record<string, Value>): void {
    const { privately } = this.#ledger;
    const at = privately.get(body as string) ?? new Set();
    privately.set(body as string, at);
    // Each listener knows what it has delivered: one who moves to another may get what is sent again.
    if (at.has(this.#link!.at)) this.#fault(`${body} came twice`);
    at.add(this.#link!.at);
  }

  #ack({ ref, id }: Record<string, Value>): void {
    const message = this.#posts.get(ref as number);
    this.#unacked.delete(ref as number);
    if (id === undefined) return;
    const before = this.#acked.get(ref as number);
    if (before !== undefined) {
      if (before.split(" ")[1] !== String(id)) this.#fault(`${ref} was acked with ${before}, and ${id}`);
      return;
    }
    if (message === undefined) return this.#fault(`an ack for ${ref}, which was not posted`);
    this.#acked.set(ref as number, `${message.room} ${id}`);
    this.newest.set(message.room as string, Number(id));
    this.#ledger.note(message.room as string, Number(id), message.body as string);
  }

  #refused({ code, text, ref }: Record<string, Value>): void {
    this.#ledger.counts.refused++;
    this.#unacked.delete(ref as number);
    const isMoving = this.#ledger.isShared && code === "busy" &&
      this.#posts.get(ref as number)?.to !== undefined;
    const isExpected = code === "no-such-room" || code === "no-such-nick" || isMoving;
    if (!isExpected) this.#fault(`error ${code}: ${text}`);
    if (String(ref).startsWith("page ")) this.#pages.delete(String(ref));
  }

  /** Sends a private message. */
  whisper(to: string): void {
    const ref = this.#nextRef++;
    this.#post(ref, { type: "message", to, ref, body: `${this.name} ${ref} to ${to}` });
  }

  #post(ref: number, message: Record<string, Value>): void {
    this.#posts.set(ref, message);
    this.#unacked.add(ref);
    this.say(message);
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was closed before.
  }
}
