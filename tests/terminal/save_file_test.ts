import { saveFile } from "../../lib/terminal/save_file.ts";
import { CommandRunner } from "../../lib/terminal/command_runner.ts";
import { Style } from "../../lib/terminal/style/style.ts";
import { Transcript } from "../../lib/terminal/transcript.ts";
import { decode } from "../../lib/pickle/mod.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assertEquals } from "../assert.ts";
import { EMPTY, NOON } from "./person.ts";

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
