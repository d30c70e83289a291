/** Hostile pickles of about a megabyte, which elsewhere take too much time, memory or stack. */
import { little, pickleOf } from "./bytes.ts";

/** A hostile pickle and what decode makes of it: "value" or an error's code. */
export interface Hostile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly answer: string;
}

const MEBI = 1 << 20;

function repeat(part: Uint8Array | string, size: number): Uint8Array {
  const unit = typeof part === "string" ? pickleOf(part) : part;
  const bytes = new Uint8Array(Math.floor(size / unit.length) * unit.length);
  for (let at = 0; at < bytes.length; at += unit.length) bytes.set(unit, at);
  return bytes;
}

function each(count: number, part: (index: number) => Uint8Array): Uint8Array {
  const parts = Array.from({ length: count }, (_, index) => part(index));
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of parts) {
    bytes.set(one, at);
    at += one.length;
  }
  return bytes;
}

/** V8's hash of an int, which has no seed. */
function unseededHash(key: number): number {
  let hash = (~key + (key << 15)) | 0;
  hash ^= hash >>> 12;
  hash = (hash + (hash << 2)) | 0;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2057);
  hash ^= hash >>> 16;
  return hash & 0x3fffffff;
}

/** Ints that fall into one bucket of V8's Map. */
function collidingInts(count: number): number[] {
  const found: number[] = [];
  for (let key = 0; found.length < count; key++) {
    if ((unseededHash(key) & 0x1fff) === 5) found.push(key);
  }
  return found;
}

/** ((((…),…),…),…): each level holds the one before twice. */
function laughs(levels: number, push: Uint8Array): Uint8Array {
  return pickleOf(")", repeat(push, push.length * levels));
}

const BY_DUP = pickleOf("2", 0x86);
const sharedByMemo = (levels: number) =>
  pickleOf(")r", little(0, 4), each(levels, (i) => pickleOf("j", little(i, 4), 0x86, "r", little(i + 1, 4))));

/** One long argument that known calls copy or look at, in 6 bytes each. */
function copied(size: number, long: string): [string, Uint8Array, string][] {
  const call = (name: string, argument: Uint8Array) =>
    pickleOf(`c${name}\nq\x000`, argument, "q\x010(", repeat("h\x00h\x01R", size >> 1), "l.");
  const list = pickleOf("](", repeat("NNN\x88", size >> 1), "e");
  const text = pickleOf("X", little(long.length, 4), long);
  const latin1 = pickleOf(text, "X\x06\0\0\0latin1\x86");
  const dict = pickleOf("}(", each(size >> 4, (i) => pickleOf("J", little(i, 4), "N")), "u");
  return [
    ["one list made a set again and again", call("builtins\nset", pickleOf(list, 0x85)), "limit"],
    ["one list made a frozenset again and again", call("builtins\nfrozenset", pickleOf(list, 0x85)), "limit"],
    ["one dict made a Counter again and again", call("collections\nCounter", pickleOf(dict, 0x85)), "limit"],
    ["one text encoded again and again", call("_codecs\nencode", latin1), "limit"],
    ["one text made a bytearray again and again", call("builtins\nbytearray", latin1), "limit"],
    [
      "the same bytes made a bytearray again and again",
      call("builtins\nbytearray", pickleOf("B", text.subarray(1), 0x85)),
      "limit",
    ],
    ["one text made a Decimal again and again", call("decimal\nDecimal", pickleOf(text, 0x85)), "limit"],
    [
      "the parts of a path again and again",
      call("pathlib\nPurePath", pickleOf("(", repeat("\x8c\x01a", size >> 1), "t")),
      "limit",
    ],
    [
      "a Fraction of a long int and a short one again and again",
      call("fractions\nFraction", pickleOf(0x8b, text.subarray(1), "K\x03\x86")),
      "limit",
    ],
  ];
}

/** Makes all of them, of about so many bytes each. */
export function hostile(size = MEBI): Hostile[] {
  const ints = collidingInts(Math.min(size >> 3, 60_000));
  const text = (key: string) => pickleOf(0x8c, key.length, key);
  const long = "x".repeat(size >> 2);
  const longText = pickleOf("X", little(long.length, 4), long);
  const cases: [string, Uint8Array, string][] = [
    ["BINBYTES8 of 2^63 bytes", pickleOf(0x8e, little(2n ** 63n, 8), "."), "truncated"],
    ["BINUNICODE8 of 2^63 bytes", pickleOf(0x8d, little(2n ** 63n, 8), "."), "truncated"],
    ["BYTEARRAY8 of 2^40 bytes", pickleOf(0x96, little(2n ** 40n, 8), "."), "truncated"],
    ["BINBYTES of 2^32 - 1 bytes", pickleOf("B", little(2n ** 32n - 1n, 4), "."), "truncated"],
    ["LONG4 of a negative length", pickleOf(0x8b, little(-1, 4), "."), "bad-argument"],
    ["LONG4 of 2^31 - 1 bytes", pickleOf(0x8b, little(2 ** 31 - 1, 4), "."), "truncated"],
    ["LONG_BINPUT of 2^32 - 1", pickleOf("Nr", little(2n ** 32n - 1n, 4), "."), "value"],
    ["PUT of 10^15", pickleOf("Np1000000000000000\n."), "value"],
    ["PUT of 10^30", pickleOf("Np1", "0".repeat(30), "\n."), "bad-argument"],
    ["FRAME of 2^64 - 1 bytes", pickleOf(0x95, little(2n ** 64n - 1n, 8), "N."), "truncated"],
    ["a flood of MARK", pickleOf(repeat("(", size), "."), "bad-stack"],
    ["a flood of EMPTY_DICT", pickleOf(repeat("}", size), "."), "limit"],
    ["a flood of EMPTY_LIST", pickleOf(repeat("]", size), "."), "limit"],
    ["a flood of EMPTY_TUPLE", pickleOf(repeat(")", size), "."), "limit"],
    ["a flood of EMPTY_SET", pickleOf(repeat(Uint8Array.of(0x8f), size), "."), "limit"],
    ["a flood of DUP", pickleOf("]", repeat("2", size), "."), "limit"],
    ["a flood of MEMOIZE", pickleOf("]", repeat(Uint8Array.of(0x94), size), "."), "value"],
    ["a flood of PROTO", pickleOf(repeat(Uint8Array.of(0x80, 4), size), "N."), "value"],
    ["a flood of FRAME", pickleOf(repeat(pickleOf(0x95, little(0, 8)), size), "N."), "value"],
    ["a flood of names", pickleOf(repeat("ca\nb\n", size), "."), "value"],
    ["a flood of calls", pickleOf(repeat("ca\nb\n)R", size), "."), "limit"],
    ["lists nested by APPEND", pickleOf(repeat("]", size >> 1), repeat("a", (size >> 1) - 1), "."), "limit"],
    ["lists nested by LIST", pickleOf(repeat("(", size >> 1), repeat("l", size >> 1), "."), "limit"],
    ["tuples nested by TUPLE1", pickleOf(")", repeat(Uint8Array.of(0x85), size), "."), "limit"],
    [
      "lists nested from the outside",
      pickleOf("]q\x00h\x00", repeat("]q\x01ah\x01", size), "h\x00."),
      "limit",
    ],
    ["dicts nested by SETITEM", pickleOf(repeat("}N", size >> 1), "N", repeat("s", size >> 2), "."), "limit"],
    ["billion laughs by DUP", pickleOf(laughs(900, BY_DUP), "."), "value"],
    ["billion laughs by memo", pickleOf(sharedByMemo(900), "."), "value"],
    ["billion laughs by DUP, as deep as it is long", pickleOf(laughs(size >> 1, BY_DUP), "."), "limit"],
    ["nested shared tuples as a key", pickleOf("}", laughs(800, BY_DUP), "Ns."), "value"],
    [
      "two equal nested shared tuples as keys",
      pickleOf("}", laughs(800, BY_DUP), "N", laughs(800, BY_DUP), "Nsu."),
      "bad-stack",
    ],
    [
      "two equal nested shared tuples as members",
      pickleOf(0x8f, "(", laughs(800, BY_DUP), sharedByMemo(800), 0x90, "."),
      "value",
    ],
    ["a key as deep as it is long", pickleOf("}", laughs(size >> 2, BY_DUP), "Ns."), "limit"],
    ["a cyclic key", pickleOf("}]q\x00h\x00\x85q\x01a0h\x01Ns."), "unhashable"],
    ["a key that is cyclic through an object", pickleOf("}ca\nb\n)\x81q\x00h\x00\x85bNs."), "value"],
    [
      "ints chosen to collide as keys",
      pickleOf("}(", each(ints.length, (i) => pickleOf("J", little(ints[i] ?? 0, 4), "N")), "u."),
      "value",
    ],
    [
      "ints chosen to collide as members",
      pickleOf(0x8f, "(", each(ints.length, (i) => pickleOf("J", little(ints[i] ?? 0, 4))), 0x90, "."),
      "value",
    ],
    [
      "ints chosen to collide, a dict for each 64",
      pickleOf(
        "(",
        each(
          ints.length >> 6,
          (d) => pickleOf("}(", each(64, (i) => pickleOf("J", little(ints[d * 64 + i] ?? 0, 4), "N")), "u"),
        ),
        "l.",
      ),
      "value",
    ],
    [
      "ints chosen to collide as memo numbers",
      pickleOf(
        "N",
        each(ints.length, (i) => pickleOf("r", little(((ints[i] ?? 0) + 2 ** 20) >>> 0, 4))),
        ".",
      ),
      "value",
    ],
    [
      "bigints with equal low words as keys",
      pickleOf(
        "}(",
        each(size >> 4, (i) => pickleOf(0x8a, 12, little((BigInt(i + 1) << 64n) + 7n, 12), "N")),
        "u.",
      ),
      "value",
    ],
    [
      "strings that spell colliding ints as keys",
      pickleOf(
        "}(",
        each(Math.min(size >> 4, 30_000), (i) => pickleOf(text(String(i * 2 ** 16)), "N")),
        "u.",
      ),
      "value",
    ],
    [
      "tuples of nan as keys",
      pickleOf("}(", each(size >> 4, () => pickleOf("G\x7f\xf8\0\0\0\0\0\0\x85N")), "u."),
      "value",
    ],
    [
      "two equal long strings in turn as a key",
      pickleOf(longText, "q\x000", longText, "q\x010}(", repeat("h\x00Nh\x01N", size >> 1), "u."),
      "limit",
    ],
    [
      "two equal tuples of a long string in turn as a key",
      pickleOf(longText, "\x85q\x000", longText, "\x85q\x010}(", repeat("h\x00Nh\x01N", size >> 1), "u."),
      "limit",
    ],
    [
      "tuples of one long string, again and again as a key",
      pickleOf(longText, "q\x000}(", repeat("h\x00\x85N", size >> 1), "u."),
      "limit",
    ],
    [
      "two equal long bytes in turn as a key",
      pickleOf(
        "B",
        longText.subarray(1),
        "q\x000B",
        longText.subarray(1),
        "q\x010}(",
        repeat("h\x00Nh\x01N", size >> 1),
        "u.",
      ),
      "limit",
    ],
    [
      "two equal long ints in turn as a key",
      pickleOf(
        0x8b,
        longText.subarray(1),
        "q\x000",
        0x8b,
        longText.subarray(1),
        "q\x010}(",
        repeat("h\x00Nh\x01N", size >> 1),
        "u.",
      ),
      "limit",
    ],
    [
      "two equal large frozensets in turn as a key",
      pickleOf(
        ...[0, 1].map((n) =>
          pickleOf("(", each(size >> 4, (i) => pickleOf("J", little(i, 4))), 0x91, "q", n, "0")
        ),
        "}(",
        repeat("h\x00Nh\x01N", size >> 3),
        "u.",
      ),
      "limit",
    ],
    [
      "a long path again and again as a key",
      pickleOf(
        "cpathlib\nPurePosixPath\nq\x000X",
        little(long.length, 4),
        long,
        "\x85q\x01}(",
        repeat("h\x00h\x01RN", size >> 1),
        "u.",
      ),
      "limit",
    ],
    [
      "frozensets nested from the inside",
      pickleOf(repeat("(", size >> 1), repeat("\x91", size >> 1), "."),
      "limit",
    ],
    ...copied(size, long),
    [
      "objects that are never filled",
      pickleOf("cuuid\nUUID\nq\x000(", repeat("h\x00)\x81", size), "l."),
      "limit",
    ],
    ["an int of a megabyte", pickleOf(0x8b, little(size, 4), repeat("\x7f", size), "."), "value"],
    ["a negative int of a megabyte", pickleOf(0x8b, little(size, 4), repeat("\xff\x81", size), "."), "value"],
    ["an int of a megabyte as text", pickleOf("L1", repeat("7", size), "L\n."), "limit"],
    ["an int of a megabyte as hexadecimal text", pickleOf("I0x", repeat("7", size), "\n."), "value"],
    ["no int, of a megabyte", pickleOf("I1", repeat("7", size), "x\n."), "bad-argument"],
    [
      "no int, of a megabyte and with underscores",
      pickleOf("I1", repeat("_7", size), "_\n."),
      "bad-argument",
    ],
    ["no float, of a megabyte", pickleOf("F1", repeat("7", size), "x\n."), "bad-argument"],
    ["a float of a megabyte", pickleOf("F0.", repeat("7", size), "\n."), "value"],
    [
      "a Decimal of a megabyte as a key",
      pickleOf("}cdecimal\nDecimal\n(X", little(size, 4), repeat("7", size), "tRNs."),
      "value",
    ],
    [
      "no Decimal, of a megabyte",
      pickleOf("cdecimal\nDecimal\n(X", little(size, 4), repeat("7", size - 1), "xtR."),
      "value",
    ],
    ["APPENDS with 200,000 items", pickleOf("](", repeat("N", 200_000), "e."), "value"],
    ["a deque of 200,000 items", pickleOf("ccollections\ndeque\n)R(", repeat("N", 200_000), "e."), "value"],
    ["REDUCE with 200,000 arguments", pickleOf("cos\nsystem\n(", repeat("N", 200_000), "tR."), "value"],
    [
      "a path of 200,000 parts",
      pickleOf("cpathlib\nPurePath\n(", repeat("\x8c\x01a", 600_000), "tR."),
      "value",
    ],
    ["a set of 200,000 members", pickleOf("cbuiltins\nset\n(](", repeat("K\x01", 400_000), "etR."), "value"],
    [
      "a megabyte of surrogates",
      pickleOf("X", little(Math.floor(size / 3) * 3, 4), repeat("\xed\xa0\xbd", size), "."),
      "value",
    ],
    [
      "a megabyte of surrogates side by side",
      pickleOf("X", little(Math.floor(size / 6) * 6, 4), repeat("\xed\xa0\xbd\xed\xb8\x80", size), "."),
      "value",
    ],
    ["a megabyte of escapes", pickleOf("V", repeat("\\u1234", size), "\n."), "value"],
    [
      "a megabyte that is not UTF-8",
      pickleOf("X", little(size, 4), repeat("a", size - 1), 0xff, "."),
      "bad-argument",
    ],
    ["lines that never end", pickleOf(repeat("c", size)), "truncated"],
    [
      "lists that hold each other",
      pickleOf("]q\x00]q\x01", repeat("h\x00h\x01ah\x00a", size), "."),
      "value",
    ],
  ];
  return cases.map(([name, bytes, answer]) => ({ name, bytes, answer }));
}
