import { fromJson, toJson } from "../../lib/json/mod.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { format } from "../../lib/pickle/repr/format.ts";
import { parse } from "../../lib/pickle/parse/parse.ts";
import { assertEquals } from "../assert.ts";
import { differencesInPython, pythonDoes, shownByPython } from "./repr_child.ts";

const VALUES = { peer: "repr_values.py", seed: 20240229, count: 5000 };

const noPython = !(await pythonDoes("import pickle"));

/** Format goes by the repr of this Python; later ones show an OrderedDict and new characters in another way. */
const otherRepr = !(await pythonDoes("import sys; sys.exit(sys.version_info[:2] != (3, 11))"));

const shown = noPython ? [] : await shownByPython(VALUES);

Deno.test("format shows what CPython pickled as its repr does", { ignore: otherRepr }, () => {
  assertEquals(shown.length, VALUES.count);
  for (const { pickle, repr } of shown) assertEquals(format(decode(pickle)), repr);
});

Deno.test("format prints what CPython pickled as its str does", { ignore: otherRepr }, () => {
  for (const { pickle, str } of shown) assertEquals(format(decode(pickle), { style: "print" }), str);
});

Deno.test("parse reads CPython's repr as what format shows alike", { ignore: otherRepr }, () => {
  for (const { repr } of shown) assertEquals(format(parse(repr)), repr);
});

Deno.test("CPython gets the same value from what parse read of its repr", { ignore: noPython }, async () => {
  assertEquals(await differencesInPython(VALUES, shown.map(({ repr }) => encode(parse(repr)))), []);
});

Deno.test("fromJson gives back what toJson wrote of CPython's values", { ignore: noPython }, async () => {
  const pickles = shown.map(({ pickle }) => {
    const json = toJson(decode(pickle));
    JSON.parse(json);
    return encode(fromJson(json));
  });
  assertEquals(await differencesInPython(VALUES, pickles), []);
});
