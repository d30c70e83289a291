/** A text that the listeners of a chat share: one key of a bucket, written by compare-and-set. */

import type { Clock } from "../../base/clock.ts";
import { Unavailable, type Version } from "../../private/members/elsewhere.ts";
import type { Broker } from "../broker/broker.ts";
import { isConflict, isMissing } from "../broker/failures.ts";
import type { KV, KvEntry } from "../broker/nats.ts";

/** The options of {@linkcode SharedText}. */
export interface SharedTextOptions {
  readonly broker: Broker;
  /** The name of the bucket, which has no other key. */
  readonly bucket: string;
  readonly key: string;
  readonly replicas?: number | undefined;
  readonly clock: Clock;
  /** Called when another listener has written, and when the broker can be asked again. */
  readonly changed: () => void;
  /** Called once when what is shared is gone from the broker. */
  readonly lost: (text: string) => void;
}

/** The longest wait for an answer of the broker, in milliseconds. */
const ANSWER_MS = 2_000;

/** The interval at which the broker is asked for another version, in milliseconds. */
const LOOK_MS = 1_000;

/** The room that a text leaves in a message of the broker, in bytes. */
const HEADERS_SIZE = 1024;

/** A bucket that is missing so often in a row is gone. */
const GONE_AFTER = 3;

/**
 * If the broker has an older version for so long, it has lost the newer one, as after a loss of power; in milliseconds. A
 * server that was cut off from the others may have an older one for a while.
 */
export const OLDER_MS = 15_000;

/** Keeps the newest version of a text. */
export class SharedText {
  readonly #options: SharedTextOptions;
  readonly #kv: KV;
  /** The subject of the news that there is another version. */
  readonly #subject: string;
  readonly #stop: () => void;
  #cancelLook = () => {};
  #version: Version = { text: null, revision: 0 };
  /** The read that is under way, and the one behind it. */
  #reading: Promise<boolean> = Promise.resolve(true);
  #next: Promise<boolean> | undefined;
  #isCurrent = true;
  /** How often in a row the bucket was missing. */
  #missing = 0;
  /** Since when the broker has had an older version; undefined if it has not. */
  #olderSince: number | undefined;
  #isLost = false;
  #isClosed = false;

  private constructor(options: SharedTextOptions, kv: KV) {
    const { broker, bucket } = options;
    this.#options = options;
    this.#kv = kv;
    this.#subject = `chat.${broker.chat}.changed.${bucket}`;
    const subscription = broker.connection.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error === null && Number(message.string()) > this.#version.revision) void this.refresh();
      },
    });
    const stopWatching = broker.watch(({ state }) => {
      // The broker may have lost what it had before.
      if (state === "lost") this.#isCurrent = false;
      else if (state === "back") void this.refresh();
    });
    this.#stop = () => {
      subscription.unsubscribe();
      stopWatching();
    };
  }

  /**
   * Reads the text of a broker.
   *
   * @throws {BrokerError} If it cannot be read.
   */
  static async open(options: SharedTextOptions): Promise<SharedText> {
    const { broker, bucket: name, replicas } = options;
    const kv = await broker.openBucket({ name, storage: "file", replicas });
    const text = new SharedText(options, kv);
    try {
      await broker.attempt(() => text.#load());
    } catch (error) {
      text.close();
      throw error;
    }
    text.#look();
    return text;
  }

  /** The newest version that is known here. */
  get version(): Version {
    return this.#version;
  }

  /** See {@linkcode MembersElsewhere.refresh}. Calls that come while the broker is asked share the next question. */
  refresh(): Promise<boolean> {
    if (!this.#options.broker.isConnected) return Promise.resolve(this.#isCurrent = false);
    return this.#next ??= this.#reading.then(() => {
      this.#next = undefined;
      return this.#reading = this.#read();
    });
  }

  /** See {@linkcode MembersElsewhere.replace}. */
  async replace(text: string, revision: number): Promise<boolean> {
    const { broker, key } = this.#options;
    if (!this.#isCurrent || !broker.isConnected) {
      throw new Unavailable("the broker is away, so nothing was changed: try again when it is back");
    }
    const most = broker.maxPayload - HEADERS_SIZE;
    if (new TextEncoder().encode(text).length > most) {
      throw new Error(
        "the broker takes no list of members as long as that: raise max_payload of its servers",
      );
    }
    try {
      const written = await this.#inTime(
        this.#kv.put(key, text, { previousSeq: revision, timeout: ANSWER_MS }),
      );
      this.#take(text, written);
      this.#tell();
      return true;
    } catch (error) {
      const outcome = isConflict(error) ? await this.#lookUp(text) : undefined;
      if (outcome !== undefined) return outcome;
      this.#isCurrent = false;
      throw new Unavailable("the broker does not answer: look with /members whether it was changed", {
        cause: error,
      });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#cancelLook();
  }

  /** Reads once a second what was written, because news of it may be lost. */
  #look(): void {
    this.#cancelLook = this.#options.clock.after(LOOK_MS, () => {
      this.#look();
      void this.refresh();
    });
  }

  /** Tells the other listeners that there is another version. */
  #tell(): void {
    this.#options.broker.publish(this.#subject, `${this.#version.revision}`);
  }

  /**
   * Returns whether the text was written after all, as it may have been if the client has sent it twice; undefined if that
   * cannot be read.
   */
  async #lookUp(text: string): Promise<boolean | undefined> {
    try {
      await this.#inTime(this.#load());
      return this.#version.text === text;
    } catch {
      return undefined;
    }
  }

  /**
   * Reads what was written since the newest version that is known here. The leader of the stream is asked, because the
   * state of a stream is told by the leader of all servers, which may be missing for longer.
   */
  async #read(): Promise<boolean> {
    const { broker: { manager }, bucket, key } = this.#options;
    // A message at that sequence or later.
    const query = { seq: this.#version.revision + 1, next_by_subj: `$KV.${bucket}.${key}` };
    try {
      const newer = await this.#inTime(manager.streams.getMessage(`KV_${bucket}`, query));
      // An older version is not seen by that question.
      if (newer !== null || !this.#isCurrent || this.#olderSince !== undefined) {
        await this.#inTime(this.#load());
      }
      this.#missing = 0;
      if (this.#olderSince !== undefined) return false;
      const wasCurrent = this.#isCurrent;
      this.#isCurrent = true;
      if (!wasCurrent && !this.#isClosed) this.#options.changed();
      return true;
    } catch (error) {
      // While servers start they may not know of it yet.
      if (isMissing(error) && ++this.#missing >= GONE_AFTER) this.#lose(GONE);
      return this.#isCurrent = false;
    }
  }

  async #load(): Promise<void> {
    const { revision: known } = this.#version;
    const entry = await this.#kv.get(this.#options.key);
    if (entry === null) return;
    if (entry.revision >= known) this.#olderSince = undefined;
    else {
      const now = this.#options.clock.ticks();
      this.#olderSince ??= now;
      if (now - this.#olderSince >= OLDER_MS) this.#lose(OLDER);
    }
    this.#takeEntry(entry);
  }

  /** Waits for an answer of the broker; fails if it takes too long. */
  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const time = Promise.withResolvers<never>();
    const cancel = this.#options.clock.after(
      ANSWER_MS,
      () => time.reject(new Error("the broker does not answer")),
    );
    try {
      return await Promise.race([answer, time.promise]);
    } finally {
      cancel();
    }
  }

  #takeEntry({ revision, operation, value }: Pick<KvEntry, "revision" | "operation" | "value">): void {
    if (operation === "PUT") this.#take(new TextDecoder().decode(value), revision);
    else if (this.#version.text === null) this.#version = { text: null, revision };
    else if (revision > this.#version.revision) this.#lose(GONE);
  }

  /** Reports once that what is shared is gone. */
  #lose(text: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#options.lost(text);
  }

  #take(text: string, revision: number): void {
    if (this.#isClosed || revision <= this.#version.revision) return;
    this.#version = { text, revision };
    this.#options.changed();
  }
}

const GONE = "The members of the chat are gone from the broker: restore its backup, or invite everybody anew";
const OLDER =
  "The broker has lost the newest list of members: start the listener again, and look at /members";
