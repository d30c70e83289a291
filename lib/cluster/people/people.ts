/** The people at the other listeners of a chat: what the hub of this listener asks of them. */

import type { Clock } from "../../base/clock.ts";
import { nameKey } from "../../base/text.ts";
import type {
  Asked,
  Distant,
  Elsewhere,
  Here,
  Hereabouts,
  Kick,
  Letter,
  Reserved,
  RoomElsewhere,
} from "../../hub/elsewhere/elsewhere.ts";
import type { Log } from "../../log/log.ts";
import type { Value } from "../../pickle/values/values.ts";
import type { Broker } from "../broker/broker.ts";
import type { KV } from "../broker/nats.ts";
import { Asks } from "./asks.ts";
import { Claims } from "./claims.ts";
import { Herald } from "./herald.ts";
import { Names } from "./names.ts";
import { Nodes } from "./nodes.ts";
import type { Person } from "./person.ts";
import { Requests } from "./requests.ts";
import { Roster } from "./roster.ts";
import type { SharedSettings } from "./settings.ts";

/** The options of {@linkcode SharedPeople}. */
export interface PeopleOptions {
  readonly broker: Broker;
  readonly settings: SharedSettings;
  readonly replicas?: number | undefined;
  /** The random name of this run of the listener, and its name for people. */
  readonly self: string;
  readonly name: string;
  /** Whether this listener serves members only. */
  readonly isPrivate: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** The interval of heartbeats, and of checks for silent listeners, in milliseconds. */
const BEAT_MS = 1_000;
const LOOK_MS = 250;

/** If a check is this late, this listener was paused; in milliseconds. */
const PAUSED_MS = 3_000;

/** The time for which the news of other listeners is awaited before this one publishes its own, in milliseconds. */
const LISTEN_MS = 300;

/** The age at which the broker drops a claim, and the interval at which it is written again, in milliseconds. */
const CLAIM_AGE_MS = 60 * 60_000;
const RENEW_MS = 20 * 60_000;

/** The time in which a listener without news has to answer that it is there, in milliseconds. */
const THERE_MS = 500;

/** Follows the people at other listeners, and publishes those at this one. */
export class SharedPeople implements Elsewhere {
  readonly #options: PeopleOptions;
  readonly #roster: Roster;
  readonly #nodes: Nodes;
  readonly #herald: Herald;
  readonly #names: Names;
  readonly #requests: Requests;
  readonly #closers: (() => void)[] = [];
  #kv: KV;
  #hub: Hereabouts | undefined;
  #lookedAt: number;
  #beatAt: number;
  #renewedAt: number;
  #isClosed = false;

  private constructor(options: PeopleOptions, kv: KV) {
    const { broker, self, name, isPrivate, clock, log } = options;
    this.#options = options;
    this.#kv = kv;
    this.#lookedAt = this.#beatAt = this.#renewedAt = clock.ticks();
    const roster = this.#roster = new Roster({
      joined: (room, person) => this.#hub?.joined(room, person),
      left: (room, person, removal) => this.#hub?.left(room, person, removal),
      renamed: (room, before, person) => this.#hub?.renamed(room, before, person),
    });
    const nodes = this.#nodes = new Nodes({
      self,
      roster,
      ticks: () => clock.ticks(),
      ask: (node) => herald.ask(node),
      onPerson: (person) => this.#meet(person),
    });
    const asks = new Asks(broker);
    const claims = new Claims({
      kv: () => this.#kv,
      isConnected: () => broker.isConnected,
      clock,
      self,
      isGone: async (node) => !(nodes.isAlive(node) ?? await asks.isThere(node, THERE_MS)),
    });
    const names = this.#names = new Names({
      claims,
      isElsewhere: (nick) => {
        const entry = roster.find(nick);
        return entry !== undefined && (entry.node === null || nodes.isAlive(entry.node) !== false);
      },
      isFreeHere: (peer, nick) => this.#hub?.isFree(peer, nick) ?? true,
      rename: (peer, nick) => this.#hub?.rename(peer, nick),
    });
    const herald = this.#herald = new Herald({
      broker,
      chat: broker.chat,
      head: { node: self, name, ...isPrivate ? { isPrivate } : {} },
      clock,
      take: (news) => nodes.take(news),
      published: (peer) => this.#published(peer),
    });
    this.#requests = new Requests({ asks, self, name, roster, nodes, names, herald, log });
  }

  /**
   * Joins the other listeners: asks for their states, and waits a moment for the answers.
   *
   * @throws {BrokerError} If the broker cannot be used.
   */
  static async open(options: PeopleOptions): Promise<SharedPeople> {
    const people = new SharedPeople(options, await openClaims(options));
    people.#start();
    await people.#listen();
    await people.#names.claimBlock();
    people.#herald.resume();
    return people;
  }

  attach(hub: Hereabouts): void {
    this.#hub = hub;
    this.#options.settings.attach(hub);
    this.#requests.attach(hub);
  }

  #start(): void {
    const { broker, clock } = this.#options;
    this.#closers.push(this.#requests.serve());
    this.#closers.push(this.#herald.listen());
    this.#closers.push(broker.watch(({ state }) => {
      if (state === "lost") this.#herald.pause();
      if (state === "back") void this.#return(true);
    }));
    let cancel = () => {};
    const look = () => {
      cancel = clock.after(LOOK_MS, look);
      this.#look();
    };
    look();
    this.#closers.push(() => cancel());
  }

  /** Waits for the answers of the others. */
  async #listen(): Promise<void> {
    this.#herald.hello();
    await new Promise<void>((resolve) => this.#options.clock.after(LISTEN_MS, resolve));
  }

  /** Removes silent listeners, and does what else is due. */
  #look(): void {
    const { clock, broker } = this.#options;
    const now = clock.ticks();
    const wasPaused = now - this.#lookedAt > LOOK_MS + PAUSED_MS;
    this.#lookedAt = now;
    // While the broker is lost, silence means nothing.
    if (!broker.isConnected || wasPaused) this.#nodes.wasDeaf();
    if (wasPaused) return void this.#return(false);
    this.#nodes.sweep();
    if (now - this.#beatAt >= BEAT_MS) {
      this.#beatAt = now;
      this.#herald.beat();
    }
    if (now - this.#renewedAt < RENEW_MS) return;
    this.#renewedAt = now;
    void this.#names.checkAll();
  }

  /**
   * Returns after a while in which the others may have taken this listener for gone. It hears them first: people who
   * continue at another listener end here, and those who have lost their nick get another one.
   */
  async #return(isReconnected: boolean): Promise<void> {
    this.#herald.pause();
    this.#nodes.wasDeaf();
    if (isReconnected) {
      // The broker may have lost a bucket that is in memory.
      this.#kv = await openClaims(this.#options).catch(() => this.#kv);
    }
    await this.#listen();
    if (this.#isClosed || !this.#options.broker.isConnected) return;
    this.#herald.resume();
    await this.#names.checkAll();
  }

  /** Resolves conflicts between a person elsewhere and the peers here: a nick or a session is at one listener only. */
  #meet(person: Person): void {
    const holder = this.#names.holder(person.nick);
    if (holder !== undefined) void this.#names.check(holder);
    const here = this.#herald.findSession(person.session);
    if (here === undefined || !isNewer(person, here)) return;
    // If a session resumes at two listeners at once, each gives it a nick. The nick here ends with its connection.
    if (nameKey(person.nick) !== nameKey(here.peer.nick)) this.#hub?.endSession(person.session);
    else this.#hub?.yieldSession(person.session, here.peer.member);
  }

  /** Compares a peer with who has its session at another listener: that one may have been faster. */
  #published(peer: Here): void {
    this.#names.keep(peer);
    const other = this.#roster.findSession(peer.session);
    if (other !== undefined && other.node !== null) this.#meet(other.person);
  }

  mayHave(peer: Here, nick: string): boolean {
    return this.#names.mayHave(peer, nick);
  }

  reserve(peer: Here, { nick, session }: Asked): Promise<Reserved> | null {
    this.#herald.began(peer);
    const at = session === undefined ? undefined : this.#roster.findSession(session)?.node ?? undefined;
    if (at === undefined && nick === undefined) return null;
    return this.#reserve(peer, { nick, session, at });
  }

  async #reserve(peer: Here, { nick, session, at }: Asked & { at: string | undefined }): Promise<Reserved> {
    if (at !== undefined) {
      const before = await this.#requests.takeOver(peer, { node: at, session: session! });
      if (before !== undefined) return { nick: before.nick, before };
    }
    return { nick: nick && await this.#names.reserve(peer, nick), before: undefined };
  }

  changed(peer: Here): void {
    if (peer.hasEntered) this.#requests.entered(peer);
    this.#herald.changed(peer);
  }

  replaced(before: Here, peer: Here): void {
    this.#names.pass(before, peer);
    this.#herald.replaced(before, peer);
  }

  gone(peer: Here, isReplaced: boolean): void {
    // A nick that moves to another listener is handed over, not released.
    const isMoving = isReplaced && this.#requests.isYielding;
    this.#herald.gone(peer, isMoving);
    this.#requests.gone(peer);
    if (!isMoving) this.#names.release(peer);
  }

  find(nick: string): Distant | undefined {
    return this.#roster.find(nick)?.person;
  }

  room(name: string): RoomElsewhere {
    return new SharedRoom(name, this.#roster, this.#options.settings);
  }

  *rooms(): Generator<string> {
    for (const { name } of this.#roster.rooms()) yield name;
  }

  /** The names of the members who are at other listeners. */
  *members(): Generator<string> {
    for (const { member } of this.#roster.people()) if (member !== undefined) yield member;
  }

  /** The names of the other listeners that are open to everybody, as far as is known. */
  get openListeners(): string[] {
    return Array.from(this.#nodes.alive()).filter(({ isPrivate }) => !isPrivate).map(({ name }) => name);
  }

  deliver(letter: Letter): Promise<number> {
    return this.#requests.deliver(letter);
  }

  kick(kick: Kick): Promise<string> {
    return this.#requests.kick(kick);
  }

  figures(): Promise<Map<Value, Value>[]> {
    return this.#requests.figures();
  }

  ending(): void {
    this.#herald.end();
  }

  /** Ends everything. */
  close(): void {
    this.#isClosed = true;
    for (const close of this.#closers) close();
  }
}

/** Whether a connection with a session began after another one with it. All listeners decide this alike. */
function isNewer(a: Pick<Person, "since" | "id">, b: Pick<Person, "since" | "id">): boolean {
  return a.since === b.since ? a.id > b.id : a.since > b.since;
}

/** One room at the other listeners. */
class SharedRoom implements RoomElsewhere {
  readonly #name: string;
  readonly #roster: Roster;
  readonly #settings: SharedSettings;

  constructor(name: string, roster: Roster, settings: SharedSettings) {
    this.#name = name;
    this.#roster = roster;
    this.#settings = settings;
  }

  get name(): string | undefined {
    return this.#roster.room(this.#name)?.name;
  }

  get size(): number {
    return this.#roster.room(this.#name)?.people.size ?? 0;
  }

  people(): Iterable<Distant> {
    return this.#roster.room(this.#name)?.people.values() ?? [];
  }

  get topic(): string | undefined {
    return this.#settings.topicOf(this.#name);
  }

  get muted() {
    return this.#settings.mutedIn(this.#name);
  }

  mute(person: { nick: string; session: string | undefined }, by: string | undefined): void {
    this.#settings.mute(this.#name, person, by);
  }

  unmute(nick: string): void {
    this.#settings.unmute(this.#name, nick);
  }
}

async function openClaims({ broker, replicas }: PeopleOptions): Promise<KV> {
  return await broker.openBucket({
    name: `chat-${broker.chat}-claims`,
    storage: "memory",
    replicas,
    maxAge: CLAIM_AGE_MS,
  });
}
