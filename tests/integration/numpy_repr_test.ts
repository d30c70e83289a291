import { fromJson, toJson } from "../../lib/json/mod.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { PickleError } from "../../lib/pickle/values/errors.ts";
import { format } from "../../lib/pickle/repr/format.ts";
import { parse } from "../../lib/pickle/parse/parse.ts";
import { assertEquals, assertMatch, assertThrows } from "../assert.ts";
import { differencesInPython, pythonDoes, shownByPython } from "./repr_child.ts";

const VALUES = { peer: "numpy_values.py", seed: 1, count: 1500 };

/** numpy shows floats of 16 and 32 bits in this way since 2.4. */
const noNumpy = !(await pythonDoes(
  "import numpy, sys; sys.exit(tuple(map(int, numpy.__version__.split('.')[:2])) < (2, 4))",
));

const shown = noNumpy ? [] : await shownByPython(VALUES);

/** Whether what is shown has left out items in the middle. */
function isSummarised(repr: string): boolean {
  return /\.\.\.[,)\n]/.test(repr);
}

/** Whether the repr has a structured dtype, a time, a long double or bytes of no kind, which have no literal here. */
function isShownOnly(repr: string): boolean {
  return /(?:datetime64|timedelta64|longdouble|float128|complex256|void|dtype[(=][[{(]|dtype='\|V|dtype\('(?:V|[<>]?[mM]8))/
    .test(repr);
}

Deno.test("format shows what numpy pickled as its repr does", { ignore: noNumpy }, () => {
  assertEquals(shown.length, VALUES.count);
  for (const { pickle, repr } of shown) assertEquals(format(decode(pickle)), repr);
});

Deno.test("format prints what numpy pickled as its str does", { ignore: noNumpy }, () => {
  for (const { pickle, str } of shown) assertEquals(format(decode(pickle), { style: "print" }), str);
});

Deno.test(
  "parse reads numpy's repr as what format shows alike, and refuses an array in part and a dtype that has no literal",
  { ignore: noNumpy },
  () => {
    for (const { repr } of shown) {
      const reasons = [isShownOnly(repr) ? "can be typed" : [], isSummarised(repr) ? "is shown in part" : []]
        .flat();
      if (reasons.length === 0) assertEquals(format(parse(repr)), repr);
      else assertMatch(assertThrows(() => parse(repr), PickleError).message, new RegExp(reasons.join("|")));
    }
  },
);

Deno.test("numpy shows what parse read of its repr alike", { ignore: noNumpy }, async () => {
  const pickles = shown.map(({ repr }) => {
    return isShownOnly(repr) || isSummarised(repr) ? new Uint8Array() : encode(parse(repr));
  });
  assertEquals(await differencesInPython(VALUES, pickles), []);
});

Deno.test("fromJson gives back what toJson wrote of numpy's values", { ignore: noNumpy }, async () => {
  const pickles = shown.map(({ pickle }) => encode(fromJson(toJson(decode(pickle)))));
  assertEquals(await differencesInPython(VALUES, pickles), []);
});
