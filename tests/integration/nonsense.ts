/** What strangers might send: bytes, frames, dicts and messages that are nearly right, the same ones for a seed. */

import { encodeFrame } from "../../lib/frame/mod.ts";
import { FROM_LISTENER, FROM_PEER } from "../../lib/protocol/message.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { Float, Tuple, type Value } from "../../lib/pickle/values/values.ts";
import { mutate } from "../pickle/mutations.ts";

const TYPES = [
  ...Object.keys(FROM_PEER),
  ...Object.keys(FROM_LISTENER),
  "constructor",
  "__proto__",
  "",
  "\0",
];
const KEYS = [
  ...new Set(
    [...Object.values(FROM_PEER), ...Object.values(FROM_LISTENER)].flatMap((shape) => Object.keys(shape)),
  ),
  "ref",
  "type",
  "toString",
  "extra",
];
const NAMES = [
  "quiet",
  "lobby",
  "ann",
  "BOB",
  "ops",
  "room-1",
  "a b",
  "\u202e",
  "\ud800",
  "x".repeat(40),
  "Ａｎｎ",
];
const INTS = [0, 1, -1, 50, 255, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 1e6];

/** Makes nonsense. */
export class Nonsense {
  readonly #random: (n: number) => number;
  /** Real messages, to be damaged. */
  readonly #real: Uint8Array[] = [];

  constructor(random: (n: number) => number) {
    this.#random = random;
    for (let n = 0; n < 200; n++) this.#real.push(encode(this.#message()));
  }

  /** A frame, or something that is nearly one. */
  next(): Uint8Array {
    const random = this.#random;
    switch (random(20)) {
      case 0:
        return this.#bytes(random(300));
      case 1: {
        const frame = encodeFrame(this.#pick(this.#real));
        frame[random(12)] = random(256);
        return frame;
      }
      case 2:
        return encodeFrame(encode(this.#message())).subarray(0, 1 + random(100));
      case 3:
      case 4:
        return encodeFrame(this.#bytes(random(200)));
      case 5:
      case 6:
      case 7:
      case 8:
        return encodeFrame(mutate(this.#pick(this.#real), this.#real, random));
      case 9:
        return encodeFrame(encode(this.#value(3)));
      case 10:
        return encodeFrame(encode(["x".repeat(random(100_000)), this.#value(2)]));
      default:
        return encodeFrame(encode(this.#message()));
    }
  }

  /** A dict that is a message, more or less. */
  #message(): Map<Value, Value> {
    const random = this.#random;
    let type = this.#pick(TYPES);
    // Who guesses at the token is read no more for a second.
    if (type === "op" && random(50) > 0) type = "message";
    const dict = new Map<Value, Value>([["type", random(30) ? type : this.#value(1)]]);
    const shape = Object.hasOwn(FROM_PEER, type) ? FROM_PEER[type as keyof typeof FROM_PEER] : {};
    for (const [key, kind] of Object.entries<string>(shape)) {
      if (random(8) > 0) dict.set(key, random(8) ? this.#ofKind(kind) : this.#value(2));
    }
    if (random(2)) dict.set("ref", random(4) ? random(50) : this.#value(1));
    for (let more = random(6) ? 0 : random(4); more > 0; more--) dict.set(this.#pick(KEYS), this.#value(2));
    return dict;
  }

  #ofKind(kind: string): Value {
    const random = this.#random;
    switch (kind.replace("?", "")) {
      case "str":
        return random(3) ? this.#pick(NAMES) : this.#text();
      case "int":
        return this.#pick(INTS);
      case "bool":
        return random(2) === 0;
      case "ints":
        return new Map(Array.from({ length: random(200) }, (_, n) => [`room-${n}`, this.#pick(INTS)]));
      default:
        return this.#value(3);
    }
  }

  #value(depth: number): Value {
    const random = this.#random;
    switch (random(depth > 0 ? 12 : 8)) {
      case 0:
        return null;
      case 1:
        return random(2) === 0;
      case 2:
        return this.#pick(INTS);
      case 3:
        return 2n ** BigInt(random(300)) * (random(2) ? 1n : -1n);
      case 4:
        return new Float(this.#pick([0, -0, 1.5, NaN, Infinity, 1e300]));
      case 5:
        return this.#bytes(random(50));
      case 6:
        return this.#pick(NAMES);
      case 7:
        return this.#text();
      case 8:
        return this.#values(depth);
      case 9:
        return new Tuple(this.#values(depth));
      case 10:
        return new Set(Array.from({ length: random(5) }, () => random(1000)));
      default:
        return new Map(Array.from({ length: random(5) }, () => [this.#pick(KEYS), this.#value(depth - 1)]));
    }
  }

  #values(depth: number): Value[] {
    return Array.from({ length: this.#random(5) }, () => this.#value(depth - 1));
  }

  #text(): string {
    const random = this.#random;
    return String.fromCharCode(
      ...Array.from({ length: random(60) }, () => random(3) ? 32 + random(95) : random(65_536)),
    );
  }

  #bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#random(256));
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random(items.length)]!;
  }
}
