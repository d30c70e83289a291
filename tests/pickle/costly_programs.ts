/**
 * Random pickles that try to cost their readers much: small containers again and again, keys of every kind that all have one
 * hash, and objects that come out of the memo in great numbers. All are well formed, and as costly as a check lets them be.
 */
import { little, pickleOf } from "./bytes.ts";

type Random = (n: number) => number;
type Part = string | Uint8Array;

const MODULUS = 2n ** 61n - 1n;
const HASH = 12345n;

function joined(parts: readonly Part[]): Uint8Array {
  return pickleOf(...parts);
}

function int(value: bigint): Uint8Array {
  const size = Math.ceil((value < 0n ? -value : value).toString(2).length / 8 + 0.125);
  const bytes = little(BigInt.asUintN(8 * size, value), size);
  return size < 256 ? pickleOf("\x8a", size, bytes) : pickleOf("\x8b", little(size, 4), bytes);
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return bytes.length < 256
    ? pickleOf("\x8c", bytes.length, bytes)
    : pickleOf("X", little(bytes.length, 4), bytes);
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return pickleOf("G", bytes);
}

const call = (name: string, ...args: Part[]): Uint8Array => joined([`c${name}\n(`, ...args, "tR"]);
const delta = (seconds: number): Uint8Array =>
  call("datetime\ntimedelta", "K\0", int(BigInt(seconds)), "K\0");
const zone = (hour: number): Uint8Array => call("datetime\ntimezone", delta(3600 * hour));
const moment = (hour: number): Uint8Array => pickleOf("C\x0a\x07\xe8\x02\x1d", hour % 24, 0, 0, 0, 0, 0);
const dtype = (code: string, order: string, sizes: string): string =>
  `cnumpy\ndtype\n(V${code}\nI00\nI01\ntR(I3\nV${order}\nNNN${sizes}tb`;
const scalar = (type: string, bytes: Uint8Array): Uint8Array =>
  joined(["cnumpy.core.multiarray\nscalar\n(", type, "C", pickleOf(bytes.length, bytes), "tR"]);

/** Keys by their kind; the i-th of each has the hash of all others of the kind where that can be arranged. */
const KEYS: readonly ((i: number) => Uint8Array)[] = [
  (i) => pickleOf("K", i & 0xff),
  (i) => pickleOf("J", little(i * 2 ** 16 % 2 ** 31, 4)),
  (i) => int(HASH + MODULUS * BigInt(i % 8)),
  (i) => int(HASH + MODULUS * BigInt(i + 8)),
  (i) => int(HASH + MODULUS * (BigInt(i + 1) << 4000n)),
  (i) => float(2 ** (61 * (i % 16))),
  (i) => float(i / 7),
  () => float(NaN),
  (i) => text(`key ${i}`),
  (i) => text("é".repeat(300) + i),
  (i) => pickleOf("C\x04", little(i, 4)),
  (i) => call("decimal\nDecimal", text(String(HASH + MODULUS * BigInt(i)))),
  (i) => call("decimal\nDecimal", text("7".repeat(3000) + i)),
  (i) => call("fractions\nFraction", int(HASH * BigInt(i + 1) + MODULUS), int(BigInt(i + 1))),
  (i) =>
    call("fractions\nFraction", int((HASH << 6000n) + BigInt(i)), int((1n << 5990n) + BigInt(2 * i + 1))),
  (i) => call("builtins\ncomplex", float(5 - 1000003 * i), float(i)),
  (i) => joined(["cuuid\nUUID\n)\x81}\x8c\x03int", int(HASH + MODULUS * BigInt(i)), "sb"]),
  (i) => call("builtins\nrange", "K\0", int(BigInt(i)), "K\x01"),
  (i) => call("pathlib\nPurePosixPath", text("usr"), text(`file ${i}`)),
  (i) => call("pathlib\nPureWindowsPath", text("C:\\"), text(`File ${i}`)),
  (i) => delta(i),
  (i) => call("datetime\ndatetime", moment(i)),
  (i) => call("datetime\ndatetime", moment(i), zone(i % 24)),
  (i) => zone(i % 24),
  (i) => joined(["(", int(HASH + MODULUS * BigInt(i)), pickleOf("K", i & 0xff), "\x91"]),
  (i) => joined([int(BigInt(i)), text("x"), "\x86"]),
  (i) => joined([float(i / 3), "N\x86"]),
  (i) => joined([int(HASH + MODULUS * BigInt(i % 8)), float(2 ** (61 * (i % 16))), "\x86"]),
  (i) => joined([call("decimal\nDecimal", text(String(i))), "N\x86"]),
  (i) => scalar(dtype("i8", "<", "I-1\nI-1\nI0\n"), little(BigInt(i), 8)),
  (i) => scalar(dtype("U2", "<", "I8\nI4\nI8\n"), pickleOf(97 + i % 20, 0, 0, 0, 98, 0, 0, 0)),
];

/** Values that are no keys. */
const VALUES: readonly ((i: number) => Uint8Array)[] = [
  () => pickleOf("]"),
  () => pickleOf("}"),
  () => pickleOf("\x8f"),
  () => pickleOf("N\x85"),
  () => joined(["ccollections\nOrderedDict\n)R"]),
  () => joined(["ccollections\ndeque\n)R"]),
  () => joined(["ccollections\ndefaultdict\ncbuiltins\nlist\n\x85R"]),
  (i) => call("ccollections\nCounter".slice(1), joined(["}(", text("a"), pickleOf("K", i & 0xff), "u"])),
  (i) => text("\x01".repeat(i % 250)),
  (i) => text("\u{1f600}".repeat(i % 500)),
  (i) => pickleOf("\x96", little(i % 1000, 8), new Uint8Array(i % 1000)),
  (i) => call("builtins\nslice", "N", pickleOf("K", i & 0xff), "N"),
  (i) =>
    joined([
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR(I1\n(",
      int(BigInt(i % 300)),
      `t${dtype("f8", "<", "I-1\nI-1\nI0\n")}I00\nB`,
      little(8 * (i % 300), 4),
      new Uint8Array(8 * (i % 300)).fill(0x3f),
      "tb",
    ]),
];

/** Makes one after another. */
export class CostlyProgramMaker {
  readonly #random: Random;
  readonly #isAccepted: (bytes: Uint8Array) => boolean;
  /** How many steps were taken back, since the check refused them. */
  refused = 0;
  #parts: Part[] = [];
  #length = 0;
  #memo = 0;
  readonly #hasNumpy: boolean;

  constructor(random: Random, hasNumpy: boolean, isAccepted: (bytes: Uint8Array) => boolean) {
    this.#random = random;
    this.#hasNumpy = hasNumpy;
    this.#isAccepted = isAccepted;
  }

  /** Makes a pickle of about so many bytes at most. */
  make(most: number): Uint8Array {
    this.#parts = ["\x80\x04("];
    this.#length = this.#memo = 0;
    const count = 1 + this.#random(6);
    for (let i = 0; i < count; i++) {
      this.#try(() => this.#object());
      if (this.#random(2) === 0) this.#try(() => this.#double());
    }
    while (this.#length < most && this.#random(8) > 0) this.#repeat(most);
    return joined([...this.#parts, "t."]);
  }

  // Takes a step, and takes it back where the pickle is refused with it.
  #try(step: () => void): boolean {
    const parts = this.#parts.length, length = this.#length, memo = this.#memo;
    step();
    if (this.#isAccepted(joined([...this.#parts, "t."]))) return true;
    this.refused++;
    this.#parts.length = parts;
    this.#length = length;
    this.#memo = memo;
    return false;
  }

  #emit(part: Part): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  #memoize(): void {
    this.#emit("\x94");
    this.#memo++;
  }

  #get(): Part {
    const index = this.#random(this.#memo);
    return index < 256 ? pickleOf("h", index) : pickleOf("j", little(index, 4));
  }

  #maker<T>(makers: readonly T[]): T {
    // The last of each are numpy's.
    return makers[this.#random(makers.length - (this.#hasNumpy ? 0 : makers === KEYS as unknown ? 2 : 1))]!;
  }

  // Keys, values and containers of them, each in the memo.
  #object(): void {
    const random = this.#random;
    switch (random(4)) {
      case 0:
        this.#emit(this.#maker(VALUES)(random(1000)));
        return this.#memoize();
      case 1: {
        const make = this.#maker(KEYS), first = random(1000);
        const count = random(random(3) === 0 ? 400 : 20);
        for (let i = 0; i < count; i++) {
          this.#emit(make(first + i));
          this.#memoize();
        }
        return;
      }
      case 2: {
        const make = this.#maker(KEYS), other = this.#maker(KEYS);
        this.#emit("}(");
        const count = random(random(3) === 0 ? 600 : 20);
        for (let i = 0; i < count; i++) {
          this.#emit((random(4) === 0 ? other : make)(i));
          this.#emit("N");
        }
        this.#emit("u");
        return this.#memoize();
      }
      default: {
        const make = this.#maker(KEYS);
        const count = random(random(3) === 0 ? 600 : 20);
        this.#emit(random(2) === 0 ? "(" : "\x8f(");
        const opcode = this.#parts.at(-1) === "(" ? "\x91" : "\x90";
        for (let i = 0; i < count; i++) this.#emit(make(i));
        this.#emit(opcode);
        this.#memoize();
      }
    }
  }

  // The last object again and again in pairs: a tree of 2^depth leaves.
  #double(): void {
    if (this.#memo === 0) return;
    this.#emit(this.#get());
    this.#emit("2\x86".repeat(this.#random(22)));
    this.#memoize();
  }

  // A fragment that takes its parts out of the memo, many times.
  #repeat(most: number): void {
    if (this.#memo === 0) {
      this.#try(() => this.#object());
      return;
    }
    const random = this.#random;
    const gets = (count: number): Part[] => Array.from({ length: count }, () => this.#get());
    const values = (count: number): Part[] => gets(count).flatMap((key) => [key, "N"]);
    const fragment = joined(
      [
        () => gets(1),
        () => ["]"],
        () => ["\x8f"],
        () => ["}(", ...values(1 + random(20)), "u"],
        () => ["\x8f(", ...gets(1 + random(20)), "\x90"],
        () => ["(", ...gets(1 + random(20)), "\x91"],
        () => ["](", ...gets(random(20)), "e"],
        () => [...gets(2), "\x86"],
        () => ["ccollections\nOrderedDict\n)R(", ...values(random(10)), "u"],
        () => ["cbuiltins\nset\n](", ...gets(random(10)), "e\x85R"],
        () => [this.#maker(VALUES)(random(1000))],
        () => [this.#maker(KEYS)(random(1000))],
      ][random(12)]!(),
    );
    const times = Math.min(2 ** random(17), Math.floor((most - this.#length) / fragment.length));
    // As often as it is accepted, about.
    for (let left = times; left > 0; left >>= 1) {
      if (this.#try(() => this.#emit(repeated(fragment, left)))) return;
    }
  }
}

function repeated(fragment: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(times * fragment.length);
  for (let i = 0; i < times; i++) all.set(fragment, i * fragment.length);
  return all;
}
