/** Hashes that verify foresees, and the tables that they go into, against CPython's. */
import { assert, assertEquals, assertGreater } from "../assert.ts";
import { KeyHasher } from "../../lib/pickle/verify/collisions/key_hasher.ts";
import { DEFAULT_LIMITS } from "../../lib/pickle/values/limits.ts";
import { HashTrait, PythonHash } from "../../lib/pickle/verify/collisions/python_hash.ts";
import { PythonTable } from "../../lib/pickle/verify/collisions/python_table.ts";
import { Trait } from "../../lib/pickle/verify/columns.ts";
import { Verifier } from "../../lib/pickle/verify/verifier.ts";
import { findPython } from "../pickle/python.ts";

const python = findPython();
const options = { ignore: python === null };

type Line = readonly [pickle: string, hash: string, equals: number];

async function ask(code: string[], seed: number): Promise<string> {
  const { stdout, success } = await new Deno.Command(python!, {
    args: ["-B", ...code],
    env: { PYTHONHASHSEED: String(seed) },
    stderr: "inherit",
  }).output();
  assert(success);
  return new TextDecoder().decode(stdout);
}

async function askKeys(seed: number): Promise<Line[]> {
  const program = new URL("./peers/hash_keys.py", import.meta.url).pathname;
  return JSON.parse(await ask([program], seed)).keys;
}

interface Ours {
  readonly hash: bigint;
  readonly mark: number;
  readonly traits: number;
}

/** Tells the hash of a key; undefined where it is not foreseen. */
function ours(pickle: string): Ours | undefined {
  const verifier = new Verifier();
  verifier.start(Uint8Array.fromBase64(pickle), { limits: DEFAULT_LIMITS, numpy: true });
  verifier.advance(Infinity);
  const { value, state: { table, slots } } = verifier;
  if ((table.traitsOf(value) & (Trait.UNFORESEEN | Trait.NUMPY_TEXT)) !== 0) return undefined;
  const hasher = new KeyHasher(table, slots);
  const { high, low, mark, traits } = hasher.hashOf(value);
  return { hash: BigInt.asIntN(64, BigInt(high) << 32n | BigInt(low >>> 0)), mark, traits };
}

Deno.test("hashes without a secret are CPython's, bit by bit", options, async () => {
  const [first, second] = [await askKeys(1), await askKeys(2)];
  let same = 0;
  for (const [i, [pickle, hash]] of first.entries()) {
    if (hash !== second[i]![1]) continue;
    const own = ours(pickle);
    if (own === undefined || (own.traits & (HashTrait.SECRET | HashTrait.DOUBTFUL)) !== 0) continue;
    assertEquals(String(own.hash), hash, `of ${pickle}`);
    same++;
  }
  assertGreater(same, 200);
});

Deno.test(
  "keys share a hash here where they do in CPython, and a mark where they are equal",
  options,
  async () => {
    const lines = await askKeys(1);
    const all = lines.map(([pickle]) => ours(pickle));
    assertGreater(all.filter((own) => own !== undefined).length, 300);
    for (const [i, [pickle, hash, equals]] of lines.entries()) {
      if (all[i] === undefined) continue;
      assertEquals(all[i]!.traits & HashTrait.DOUBTFUL, 0, pickle);
      for (let j = 0; j < i; j++) {
        if (all[j] === undefined) continue;
        const where = `${lines[j]![0]} and ${pickle}`;
        const collides = all[j]!.hash === all[i]!.hash;
        assertEquals(collides, lines[j]![1] === hash, where);
        if (collides) assertEquals(all[j]!.mark === all[i]!.mark, lines[j]![2] === equals, where);
      }
    }
  },
);

// Members that collide in every way: near each other, equal in their low bits, equal in all bits.
const MEMBERS = `
import random, json, sys
P = (1 << 61) - 1
rng = random.Random(3)
def sized(members):
    found, sizes = set(), []
    for member in members:
        found.add(member)
        sizes.append(sys.getsizeof(found))
    return [str(m) for m in members], [str(m) for m in found], [i for i in range(1, len(sizes)) if sizes[i] != sizes[i - 1]]
lists = [
    [i * 5 % 4001 for i in range(3000)],
    [i << 40 for i in range(1, 2500)],
    [7 + i * P for i in range(8)],
    [rng.getrandbits(61) for _ in range(70000)],
    [rng.randrange(3000) for _ in range(5000)],
    [-i for i in range(1, 700)],
]
entries = {}
jumps = []
for i in range(50000):
    before = sys.getsizeof(entries)
    entries[i] = None
    if sys.getsizeof(entries) != before:
        jumps.append(i)
print(json.dumps({"sets": [sized(members) for members in lists], "jumps": jumps}))
`;

Deno.test(
  "a set has its members in the slots where CPython has them, and dicts grow when its do",
  options,
  async () => {
    const { sets, jumps } = JSON.parse(await ask(["-c", MEMBERS], 0)) as {
      sets: [members: string[], found: string[], grown: number[]][];
      jumps: number[];
    };
    const table = new PythonTable(), hash = new PythonHash();
    const add = (member: string): number => {
      const value = BigInt(member), magnitude = value < 0n ? -value : value;
      hash.setWords(Number(magnitude >> 32n), Number(magnitude & 0xffffffffn), value < 0n);
      table.add(hash, 1);
      return table.slots.length;
    };
    for (const [members, found, grown] of sets) {
      table.begin("set", Infinity);
      const sizes = members.map(add);
      assertEquals(changes(sizes), grown);
      const distinct = [...new Set(members)];
      assertEquals(
        Array.from(table.slots).filter((entry) => entry > 0).map((entry) => distinct[entry - 1]),
        found,
      );
    }
    table.begin("dict", Infinity);
    assertEquals(
      changes(Array.from({ length: 50_000 }, (_, i) => add(String(i)))),
      jumps.filter((at) => at > 0),
    );
  },
);

function changes(sizes: readonly number[]): number[] {
  return sizes.flatMap((size, i) => i > 0 && size !== sizes[i - 1] ? [i] : []);
}
