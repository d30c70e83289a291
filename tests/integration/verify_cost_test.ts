/**
 * What verify accepts costs CPython at most 50 ms and 100 ms a megabyte to load, to show and to compare, and at most 10 MB and
 * 300 bytes a byte of memory. CHAT_COSTLY sets how many random pickles are tried, CHAT_PYTHON the Python; `deno task costly`
 * tries as many as there is time for.
 */
import { assertEquals, assertGreater } from "../assert.ts";
import { little, pickleOf } from "../pickle/bytes.ts";
import { PYTHON as FOUND } from "./python.ts";
import { CostChild, isAccepted } from "./python_costs.ts";

const COUNT = Number(Deno.env.get("CHAT_COSTLY") ?? 150);
const SEED = Number(Deno.env.get("CHAT_SEED") ?? 1);
const PYTHON = Deno.env.get("CHAT_PYTHON") ?? FOUND;
const options = { ignore: PYTHON === undefined };

Deno.test(
  "what verify accepts is loaded, shown and compared in Python within the bound",
  options,
  async () => {
    await using python = await CostChild.start(PYTHON!);
    const { accepted, refused, faults } = await python.tryPrograms(SEED, COUNT);
    assertEquals(faults.slice(0, 5), []);
    assertGreater(accepted, 0.9 * COUNT);
    assertGreater(refused, COUNT / 2);
  },
);

const MODULUS = 2n ** 61n - 1n;

/** Keys that all have one hash, and those of a kind that is compared with effort. */
const KEYS: readonly ((i: number) => Uint8Array)[] = [
  (i) => pickleOf("\x8a\x09", little(12345n + MODULUS * BigInt(i + 8), 9)),
  (i) => pickleOf("cdecimal\nDecimal\n(\x8c\x15", String(10n ** 20n + MODULUS * BigInt(i)), "tR"),
];

/** The most for which a condition holds that holds for none above it, to within a twentieth; −1 if it holds for none. */
function most(limit: number, holds: (n: number) => boolean): number {
  if (!holds(0)) return -1;
  let [low, high] = [0, limit];
  while (high - low > Math.max(1, low / 20)) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

Deno.test(
  "containers of keys with one hash, shared as often as verify accepts, are compared within the bound",
  options,
  async () => {
    await using python = await CostChild.start(PYTHON!);
    const pickles: Uint8Array[] = [];
    for (const key of KEYS) {
      for (const count of [5, 60, 300]) {
        const keys = Array.from({ length: count }, (_, i) => key(i));
        const dict = pickleOf("}(", ...keys.flatMap((key) => [key, "N"]), "u\x94");
        for (const container of [dict, pickleOf("\x8f(", ...keys, "\x90\x94")]) {
          const shared = (times: number) => pickleOf("\x80\x04(", container, "h\0".repeat(times), "t.");
          const times = most(1 << 17, (times) => isAccepted(shared(times)));
          if (times >= 0) pickles.push(shared(times));
        }
      }
    }
    const { worst, faults } = await python.tryPickles(pickles);
    assertEquals(faults.slice(0, 5), []);
    // They are costly: the bound is what stops them.
    assertGreater(worst.compare ?? 0, 0.05);
    assertGreater(pickles.length, 6);
  },
);
