import { saveFile } from "../../lib/terminal/save_file.ts";
import { CommandRunner } from "../../lib/terminal/command_runner.ts";
import { Style } from "../../lib/terminal/style/style.ts";
import { Transcript } from "../../lib/terminal/transcript.ts";
import { decode } from "../../lib/pickle/mod.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { otherName } from "../../lib/view/saved_file.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { EMPTY, NOON, Person } from "./person.ts";

Deno.test("/save writes a new file, and never over one that exists", async () => {
  const folder = await Deno.makeTempDir();
  const transcript = new Transcript({ style: new Style("none"), bell: "off", now: () => NOON * 1000 });
  const hooks = { act() {}, leave() {}, interrupt() {}, retry() {}, clear() {}, save: saveFile };
  const runner = new CommandRunner(transcript, hooks);
  const runs = (line: string) =>
    runner.run(line.replace("DIR", folder)).map((row) => row.replace(folder, "DIR"));
  transcript.rooms.go("lobby");
  const bodies: Value[] = [
    new Map<Value, Value>([["a", [1, 2]]]),
    Uint8Array.of(0, 10, 255),
    "x".repeat(20_000),
  ];
  for (const [index, body] of bodies.entries()) {
    const message = { type: "message", body, from: "bob", at: NOON, room: "lobby", id: index + 1 } as const;
    transcript.tell({ kind: "message", message, dict: EMPTY, replayed: false, own: false });
  }
  assertEquals(runs("/save 1 DIR/object"), ["-- saved message 1 in DIR/object (pickle)"]);
  assertEquals(decode(await Deno.readFile(`${folder}/object`)), bodies[0]);
  assertEquals(runs("/save #2 DIR/a b"), ["-- saved message #2 in DIR/a b (bytes)"]);
  assertEquals(await Deno.readFile(`${folder}/a b`), bodies[1]);
  assertEquals(runs("/save 3 DIR/text"), ["-- saved message 3 in DIR/text (text)"]);
  assertEquals(await Deno.readTextFile(`${folder}/text`), bodies[2]);
  assertEquals(runs("/save 3 DIR/object"), ["-- DIR/object exists already: choose another name"]);
  assertEquals(decode(await Deno.readFile(`${folder}/object`)), bodies[0], "it is as it was");
  assertEquals(runs("/save 3 DIR/none/x"), ["-- cannot write DIR/none/x: No such file or directory"]);
  assertEquals(runs("/save 9 DIR/y"), ["-- message 9 was not shortened, or is no longer kept here"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a file is saved below ~, is never written over, and a home that is not known is said", async () => {
  const home = await Deno.makeTempDir({ prefix: "chat-home-" });
  try {
    const bytes = new Uint8Array([1, 2]);
    assertEquals(saveFile("~/lines.txt", bytes, home), null);
    assertEquals(Deno.readFileSync(`${home}/lines.txt`), bytes);
    assertStringIncludes(saveFile("~/lines.txt", bytes, home)!, "exists already");
    assertEquals(saveFile(`${home}/~x`, bytes, undefined), null);
    for (const none of [undefined, ""]) assertStringIncludes(saveFile("~/x", bytes, none)!, "what ~ is");
    assertEquals([...Deno.readDirSync(home)].map(({ name }) => name).sort(), ["lines.txt", "~x"]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("a name that promises another form than the file has is refused with a name that fits", () => {
  const names: [string, Parameters<typeof otherName>[1], string | null][] = [
    ["sv/big.json", "pickle", "sv/big.pickle"],
    ["sv/big.CSV", "pickle", "sv/big.pickle"],
    ["a.npy", "pickle", "a.pickle"],
    ["a.pkl", ".npy", "a.npy"],
    ["a.pkl", "pickle", null],
    ["a.npy", ".npy", null],
    ["big", "pickle", null],
    ["a.b/big", "pickle", null],
    ["big.dat", "pickle", null],
    ["a.json", "text", null],
    ["a.png", "bytes", null],
  ];
  for (const [file, form, other] of names) assertEquals(otherName(file, form), other, `${file} ${form}`);
});

Deno.test("/save writes nothing under a name of another form", () => {
  const saved: string[] = [];
  const person = new Person({ columns: 110, save: (file) => (saved.push(file), null) }).enter();
  person.hears(new Map([["a", 1]]), { id: 57 });
  person.types("/save 57 big.json", "return");
  assertStringIncludes(
    person.last,
    "message 57 would be a pickle, which is not what the name says; /save 57 big.pickle",
  );
  person.types("/save 57 big.pickle", "return");
  assertEquals(person.last, "-- saved message 57 in big.pickle (pickle)");
  assertEquals(saved, ["big.pickle"]);
});

Deno.test("/show and /save take the id of a short message that a search has found", () => {
  const person = new Person({ columns: 80 }).enter().types("/search tea", "return");
  person.happens({ kind: "replay", room: "lobby", count: 1, asked: true, words: "tea", dict: new Map() });
  person.hears("tea at five", { id: 3, replayed: true, at: NOON });
  person.happens({ kind: "replayed", room: "lobby" }).types("/show 3", "return");
  assertEquals(person.last, "tea at five");
});
