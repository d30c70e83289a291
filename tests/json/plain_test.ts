import { decode } from "../../lib/pickle/mod.ts";
import { toPlainJson } from "../../lib/json/plain.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { PYTHON } from "../integration/python.ts";

/** What Python pickles, and the JSON that other programs expect of it. */
const CASES: readonly [expression: string, json: string][] = [
  ["'a\\n\"b\" 漢'", '"a\\n\\"b\\" 漢"'],
  ["[None, True, False]", "[null, true, false]"],
  ["(1, (2,), ())", "[1, [2], []]"],
  ["[{3}, frozenset({4}), set()]", "[[3], [4], []]"],
  ["[2**53, 2**64, -(10**30)]", `[${2n ** 53n}, ${2n ** 64n}, -${10n ** 30n}]`],
  ["[1.0, 2.5, 1e300, float('nan'), float('inf'), -float('inf')]", "[1.0, 2.5, 1e+300, null, null, null]"],
  ["[b'\\x00\\xff', bytearray(b'hi'), b'']", '["AP8=", "aGk=", ""]'],
  ["{1: 'a', None: 'b', True: 'c', 'x': {}}", '{"1": "c", "null": "b", "x": {}}'],
  ["{(1, 2): 'a', 2.5: 'b', b'k': 'c'}", '{"(1, 2)": "a", "2.5": "b", "aw==": "c"}'],
  ["datetime.date(2026, 12, 1)", '"2026-12-01"'],
  ["datetime.time(9, 5, 0, 250)", '"09:05:00.000250"'],
  ["datetime.datetime(2026, 12, 1, 9, 5)", '"2026-12-01T09:05:00"'],
  [
    "datetime.datetime(2026, 12, 1, 9, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)))",
    '"2026-12-01T09:05:00-03:30"',
  ],
  ["datetime.timedelta(days=1, milliseconds=1500)", "86401.5"],
  ["collections.OrderedDict(a=1)", '{"a": 1}'],
  ["collections.Counter('aab')", '{"a": 2, "b": 1}'],
  ["collections.deque([1, 2])", "[1, 2]"],
  ["decimal.Decimal('1.10')", '"1.10"'],
  ["fractions.Fraction(1, 3)", '"1/3"'],
  ["uuid.UUID(int=5)", '"00000000-0000-0000-0000-000000000005"'],
  ["range(3)", '"range(0, 3)"'],
  ["1+2j", '"(1+2j)"'],
];

Deno.test({
  name: "plain JSON has dates as ISO 8601, tuples and sets as arrays, bytes as base64, keys as text",
  ignore: PYTHON === undefined,
  async fn() {
    const program = "import collections, datetime, decimal, fractions, pickle, sys, uuid\n" +
      "for line in sys.argv[1:]: print(pickle.dumps(eval(line)).hex())";
    const { stdout, success } = await new Deno.Command(PYTHON!, {
      args: ["-c", program, ...CASES.map(([expression]) => expression)],
    }).output();
    assertEquals(success, true);
    const pickles = new TextDecoder().decode(stdout).trim().split(/\s+/);
    assertEquals(pickles.length, CASES.length);
    for (const [index, [expression, json]] of CASES.entries()) {
      const text = toPlainJson(decode(Uint8Array.fromHex(pickles[index]!)));
      assertEquals(text, json, expression);
      JSON.parse(text);
    }
  },
});

Deno.test("a value that holds itself has no plain JSON, and one that is held twice has", () => {
  const list: unknown[] = [1];
  assertEquals(toPlainJson([list, list] as never), "[[1], [1]]");
  list.push(list);
  assertThrows(() => toPlainJson(list as never), Error, "it holds itself");
});
