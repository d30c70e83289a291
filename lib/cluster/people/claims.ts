/** Claims of names, each held by one listener at most: keys of a bucket, written by compare-and-set. */

import type { Clock } from "../../base/clock.ts";
import { isConflict } from "../broker/failures.ts";
import type { KV } from "../broker/nats.ts";
import { isText, parse } from "./person.ts";

/** The time after which the outcome of a claim is unknown, in milliseconds. */
const CLAIM_MS = 2_000;

/** The most attempts at a claim that others change at the same time. */
const MOST_TRIES = 5;

/** The options of {@linkcode Claims}. */
export interface ClaimsOptions {
  readonly kv: () => KV;
  /** Whether the broker can be reached now. */
  readonly isConnected: () => boolean;
  readonly clock: Clock;
  /** The random name of this run of the listener. */
  readonly self: string;
  /** Returns whether a listener is gone, so that its claims are free. */
  readonly isGone: (node: string) => Promise<boolean>;
}

/** The outcome of a claim: `unknown` if the broker did not answer. */
export type Outcome = "ours" | "taken" | "unknown";

/**
 * Claims names for this listener. A claim ends when it is released, when its listener is gone, or when the bucket forgets
 * it because it was not renewed.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  /** The revisions of this listener's claims. */
  readonly #own = new Map<string, number>();

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** Claims a name, even if this listener has claimed it before. */
  async claim(key: string): Promise<Outcome> {
    if (!this.#options.isConnected()) return "unknown";
    const time = Promise.withResolvers<"unknown">();
    const cancel = this.#options.clock.after(CLAIM_MS, () => time.resolve("unknown"));
    try {
      return await Promise.race([this.#claim(key), time.promise]);
    } finally {
      cancel();
    }
  }

  async #claim(key: string): Promise<Outcome> {
    try {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const outcome = await this.#try(key);
        if (outcome !== "again") return outcome;
      }
      return "taken";
    } catch {
      return "unknown";
    }
  }

  async #try(key: string): Promise<Outcome | "again"> {
    const { kv, self, isGone } = this.#options;
    const revision = this.#own.get(key);
    // A claim of our own is written again, because another listener may have taken it, or the bucket dropped it.
    if (await this.#write(key, revision ?? 0)) return "ours";
    this.#own.delete(key);
    const entry = await kv().get(key);
    if (entry === null || entry.operation !== "PUT") {
      return await this.#write(key, entry?.revision ?? 0) ? "ours" : "again";
    }
    const owner = ownerOf(entry.value);
    if (owner !== self && owner !== null && !await isGone(owner)) return "taken";
    return await this.#write(key, entry.revision) ? "ours" : "again";
  }

  /** Writes a claim if nobody has changed it since `revision`. Returns whether that succeeded. */
  async #write(key: string, revision: number, node = this.#options.self): Promise<boolean> {
    try {
      const written = await this.#options.kv().put(key, JSON.stringify({ node }), { previousSeq: revision });
      if (node === this.#options.self) this.#own.set(key, written);
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }

  /** Releases a claim. If the broker does not answer, the claim lasts until the bucket drops it. */
  async release(key: string): Promise<void> {
    const revision = this.#own.get(key);
    if (revision === undefined) return;
    this.#own.delete(key);
    try {
      await this.#options.kv().delete(key, { previousSeq: revision });
    } catch {
      // Somebody else has it, or the broker is lost.
    }
  }

  /** Gives a claim to another listener. Returns whether that listener has it now. */
  async give(key: string, node: string): Promise<boolean> {
    const revision = this.#own.get(key);
    if (revision === undefined) return false;
    this.#own.delete(key);
    try {
      return await this.#write(key, revision, node);
    } catch {
      return false;
    }
  }
}

function ownerOf(value: Uint8Array): string | null {
  const node = parse(value)?.node;
  return isText(node) ? node : null;
}
