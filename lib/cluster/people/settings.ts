/**
 * Settings that all listeners of a chat share: topics, bans and mutes, in one bucket of the broker.
 *
 * A change takes effect here at once, is written in the background, and reaches the other listeners by their watches of
 * the bucket. If two listeners change the same setting, the last write to the bucket holds for all.
 */

import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { nameKey } from "../../base/text.ts";
import type { Ban } from "../../history/history.ts";
import type { Hereabouts, MutedPerson } from "../../hub/elsewhere/elsewhere.ts";
import type { Broker } from "../broker/broker.ts";
import { BrokerError } from "../broker/failures.ts";
import type { KV, KvWatchEntry } from "../broker/nats.ts";
import { tokenOf } from "../log/names.ts";
import { readSetting, type Setting } from "./setting.ts";

/** The options of {@linkcode SharedSettings}. */
export interface SettingsOptions {
  readonly broker: Broker;
  readonly replicas?: number | undefined;
  readonly clock: Clock;
  /** Called when a setting could not be written. It is written again later. */
  readonly onFailure: (text: string) => void;
}

/** A setting as this listener has it, with its revision in the bucket: 0 before it is written. */
interface Entry {
  readonly setting: Setting | undefined;
  revision: number;
}

/**
 * The longest time for reading the bucket at the start, and the time before a failed write is repeated, in
 * milliseconds.
 */
const LOAD_MS = 10_000;
const RETRY_MS = 1_000;

/** The longest time for one write, and the interval of attempts while the broker is lost, in milliseconds. */
const WRITE_MS = 2_000;
const LOST_MS = 50;

/** Keeps the settings. */
export class SharedSettings {
  readonly #options: SettingsOptions;
  readonly #entries = new Map<string, Entry>();
  /** The changes that are not written yet, by key, and the changes by other listeners to the same keys. */
  readonly #unwritten = new Map<string, Entry>();
  readonly #overtaken = new Map<string, Entry>();
  readonly #stopWatching: () => void;
  #kv: KV;
  #hub: Hereabouts | undefined;
  #watch: { stop(): void } | undefined;
  /** Settled unless a watch is being opened. */
  #opening: Promise<unknown> = Promise.resolve();
  #seen = 0;
  #loaded: (() => void) | undefined;
  #isWriting = false;
  #isClosed = false;

  private constructor(options: SettingsOptions, kv: KV) {
    this.#options = options;
    this.#kv = kv;
    this.#stopWatching = options.broker.watch(({ state }) => {
      // The client would reopen the watch by itself, and never end that.
      if (state === "lost") this.#watch?.stop();
      if (state === "back") void this.#reopen();
    });
  }

  /**
   * Reads the settings of a broker's chat.
   *
   * @throws {BrokerError} If they cannot be read.
   */
  static async open(options: SettingsOptions): Promise<SharedSettings> {
    const { broker, replicas } = options;
    const kv = await broker.openBucket(planOf(broker.chat, replicas));
    const settings = new SharedSettings(options, kv);
    try {
      await broker.attempt(() => settings.#load());
    } catch (error) {
      await settings.close();
      throw error;
    }
    return settings;
  }

  /** Sets the hub to which the changes of other listeners are reported. */
  attach(hub: Hereabouts): void {
    this.#hub = hub;
  }

  /** The topics by the names of their rooms. */
  topics(): Map<string, string> {
    return new Map(this.#all("topic").map(({ room, text }) => [room, text]));
  }

  topicOf(room: string): string | undefined {
    const setting = this.#entries.get(topicKey(room))?.setting;
    return setting?.kind === "topic" ? setting.text : undefined;
  }

  setTopic(room: string, text: string, by = ""): void {
    this.#change(topicKey(room), { kind: "topic", room, text, by });
  }

  bans(): Ban[] {
    return this.#all("ban").map(({ ban }) => ban);
  }

  ban(ban: Ban, by = ""): void {
    this.#change(banKey(ban), { kind: "ban", ban, by });
  }

  unban(ban: Pick<Ban, "kind" | "value">): void {
    this.#change(banKey(ban), undefined);
  }

  mutedIn(room: string): MutedPerson[] {
    const key = nameKey(room);
    return this.#all("mute").filter((mute) => nameKey(mute.room) === key);
  }

  mute(room: string, { nick, session }: MutedPerson, by: string | undefined): void {
    this.#change(muteKey(room, nick), { kind: "mute", room, nick, session, by });
  }

  unmute(room: string, nick: string): void {
    this.#change(muteKey(room, nick), undefined);
  }

  /** Ends the watch. Changes that are not written yet are dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWatching();
    this.#watch?.stop();
    // The client never ends a watch that it opens while its connection is being closed.
    if (this.#options.broker.isConnected) await this.#opening;
  }

  /** Resolves when every change is written. */
  async written(): Promise<void> {
    while (this.#unwritten.size > 0 && !this.#isClosed && this.#options.broker.isConnected) {
      await this.#pause(10);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(ms, resolve));
  }

  #all<K extends Setting["kind"]>(kind: K): Extract<Setting, { kind: K }>[] {
    const found: Extract<Setting, { kind: K }>[] = [];
    for (const { setting } of this.#entries.values()) {
      if (setting?.kind === kind) found.push(setting as Extract<Setting, { kind: K }>);
    }
    return found;
  }

  #change(key: string, setting: Setting | undefined): void {
    const entry = { setting, revision: this.#entries.get(key)?.revision ?? 0 };
    this.#entries.set(key, entry);
    this.#unwritten.set(key, entry);
    if (!this.#isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#unwritten.size > 0 && !this.#isClosed) {
      if (!this.#options.broker.isConnected) {
        await this.#pause(LOST_MS);
        continue;
      }
      const [key, entry] = this.#unwritten.entries().next().value!;
      try {
        const revision = await this.#put(key, entry.setting);
        this.#written(key, entry, revision);
      } catch (error) {
        if (this.#isClosed) break;
        this.#options.onFailure(`Cannot share a setting with the other listeners: ${messageOf(error)}`);
        await this.#pause(RETRY_MS);
      }
    }
    this.#isWriting = false;
  }

  async #put(key: string, setting: Setting | undefined): Promise<number> {
    if (setting !== undefined) {
      return await this.#kv.put(key, JSON.stringify(setting), { timeout: WRITE_MS });
    }
    await this.#kv.delete(key);
    // A deletion returns no revision. Until the watch reports it, no older entry may undo it.
    return Math.max(this.#entries.get(key)?.revision ?? 0, this.#seen);
  }

  #written(key: string, entry: Entry, revision: number): void {
    entry.revision = revision;
    // The setting may have been changed again meanwhile.
    if (this.#unwritten.get(key) !== entry) return;
    this.#unwritten.delete(key);
    const later = this.#overtaken.get(key);
    this.#overtaken.delete(key);
    if (later !== undefined && later.revision > revision) this.#apply(key, later);
  }

  /** Reads the bucket, and watches it from there on. */
  async #load(): Promise<void> {
    const { last_seq: last } = (await this.#kv.status()).streamInfo.state;
    const loaded = Promise.withResolvers<void>();
    this.#loaded = () => this.#seen >= last && loaded.resolve();
    const entries = await this.#openWatch();
    if (entries !== undefined) void this.#follow(entries);
    this.#loaded();
    const cancel = this.#options.clock.after(LOAD_MS, () => loaded.reject(new BrokerError(NOT_LOADED)));
    try {
      await loaded.promise;
    } finally {
      cancel();
      this.#loaded = undefined;
    }
  }

  /** Opens the watch again after a reconnection: the broker may have lost the watch, and even the bucket. */
  async #reopen(): Promise<void> {
    const { broker, replicas, onFailure } = this.#options;
    for (let tries = 1; !this.#isClosed && broker.isConnected; tries++) {
      try {
        this.#kv = await broker.openBucket(planOf(broker.chat, replicas));
        const entries = await this.#openWatch();
        return entries && await this.#follow(entries);
      } catch (error) {
        // The servers have not chosen their leaders yet, for example.
        if (this.#isClosed) return;
        if (tries === 1) onFailure(`Cannot watch the settings of the chat yet: ${messageOf(error)}`);
        await this.#pause(RETRY_MS);
      }
    }
  }

  /** Watches the bucket; undefined if this has been closed. */
  async #openWatch(): Promise<AsyncIterable<KvWatchEntry> | undefined> {
    if (this.#isClosed) return undefined;
    const opening = this.#kv.watch();
    this.#opening = opening.catch(() => {});
    const entries = await opening;
    // The connection can be closed only after the watch was stopped.
    if (this.#isClosed) {
      entries.stop();
      return undefined;
    }
    this.#watch?.stop();
    this.#watch = entries;
    return entries;
  }

  async #follow(entries: AsyncIterable<KvWatchEntry>): Promise<void> {
    for await (const entry of entries) {
      this.#seen = Math.max(this.#seen, entry.revision);
      this.#take(entry);
      this.#loaded?.();
    }
  }

  #take({ key, revision, operation, value }: KvWatchEntry): void {
    const setting = operation === "PUT" ? readSetting(value) : undefined;
    // A setting that this program cannot read is another version's.
    if (setting === null) return;
    const entry = { setting, revision };
    if (this.#unwritten.has(key)) this.#overtaken.set(key, entry);
    else if (revision > (this.#entries.get(key)?.revision ?? 0)) this.#apply(key, entry);
  }

  #apply(key: string, entry: Entry): void {
    const before = this.#entries.get(key)?.setting;
    if (entry.setting === undefined && before === undefined) return;
    this.#entries.set(key, entry);
    if (this.#hub !== undefined) tell(this.#hub, { before, now: entry.setting });
  }
}

/** Reports a change by another listener to the hub. A change of this listener's own has no effect any more. */
function tell(
  hub: Hereabouts,
  { before, now }: { before: Setting | undefined; now: Setting | undefined },
): void {
  if (JSON.stringify(before) === JSON.stringify(now)) return;
  switch (now?.kind) {
    case "topic":
      return hub.topicSet(now.room, now.text, now.by);
    case "ban":
      return hub.banned(now.ban, now.by);
    case "mute":
      return hub.muted(now.room, now, now.by);
  }
  if (before?.kind === "ban") hub.unbanned(before.ban);
  if (before?.kind === "mute") hub.unmuted(before.room, before.nick);
}

const NOT_LOADED = "Cannot read the settings of the chat: the broker does not answer";

function planOf(chat: string, replicas: number | undefined) {
  return { name: `chat-${chat}-settings`, storage: "file", replicas } as const;
}

function topicKey(room: string): string {
  return `topic.${tokenOf(room)}`;
}

function banKey({ kind, value }: Pick<Ban, "kind" | "value">): string {
  return `ban.${kind}.${tokenOf(value)}`;
}

function muteKey(room: string, nick: string): string {
  return `mute.${tokenOf(room)}.${tokenOf(nick)}`;
}
