import { fromJson, toJson } from "../../lib/json.ts";
import { decode } from "../../lib/pickle/decode.ts";
import { encode } from "../../lib/pickle/encode.ts";
import { format } from "../../lib/pickle/format.ts";
import { parse } from "../../lib/pickle/parse.ts";
import { assertEquals } from "../assert.ts";
import { havePython } from "./load_child.ts";

const PEER = new URL("./peers/repr_values.py", import.meta.url).pathname;

const SEED = 20240229;
const COUNT = 5000;

/** A value as Python wrote it: its pickle, its repr and its str. */
interface Shown {
  readonly pickle: Uint8Array;
  readonly repr: string;
  readonly str: string;
}

/** Runs the Python peer, which gets the lines, and returns its lines. */
async function python(mode: "write" | "check", lines: readonly string[] = []): Promise<string[]> {
  const args = ["-X", "utf8", PEER, mode, String(SEED), String(COUNT)];
  const child = new Deno.Command("python3", { args, stdin: "piped", stdout: "piped" }).spawn();
  const [{ stdout }] = await Promise.all([
    child.output(),
    ReadableStream.from([new TextEncoder().encode(lines.join("\n"))]).pipeTo(child.stdin),
  ]);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

async function shownByPython(): Promise<Shown[]> {
  return (await python("write")).map((line) => {
    const [pickle, repr, str] = JSON.parse(line) as [string, string, string];
    return { pickle: Uint8Array.fromBase64(pickle), repr, str };
  });
}

/** Whether this is the Python whose repr format goes by; later ones show an OrderedDict and new characters otherwise. */
async function isPython311(): Promise<boolean> {
  const args = ["-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"];
  return (await new Deno.Command("python3", { args }).output()).success;
}

const shown = havePython ? await shownByPython() : [];
const otherRepr = !havePython || !(await isPython311());

Deno.test("format shows what CPython pickled as its repr does", { ignore: otherRepr }, () => {
  assertEquals(shown.length, COUNT);
  for (const { pickle, repr } of shown) assertEquals(format(decode(pickle)), repr);
});

Deno.test(
  "format in the style of print shows what CPython pickled as its str does",
  { ignore: otherRepr },
  () => {
    for (const { pickle, str } of shown) assertEquals(format(decode(pickle), { style: "print" }), str);
  },
);

Deno.test("parse reads CPython's repr as what format shows alike", { ignore: otherRepr }, () => {
  for (const { repr } of shown) assertEquals(format(parse(repr)), repr);
});

Deno.test(
  "CPython gets the same value from what parse read of its repr",
  { ignore: !havePython },
  async () => {
    const lines = shown.map(({ repr }) => encode(parse(repr)).toBase64());
    assertEquals(await python("check", lines), []);
  },
);

Deno.test("fromJson gives back what toJson wrote of CPython's values", { ignore: !havePython }, async () => {
  const lines = shown.map(({ pickle }) => {
    const json = toJson(decode(pickle));
    JSON.parse(json);
    return encode(fromJson(json)).toBase64();
  });
  assertEquals(await python("check", lines), []);
});
