import { assertEquals, assertStringIncludes } from "../../assert.ts";
import { append, posts, postWith, roomOf } from "../posts.ts";
import { open, test } from "./files.ts";

const TESTDATA = new URL("../../testdata/history/", import.meta.url);

/** Unpacks a file of tests/testdata/history/, which make_history.ts made with an earlier listener. */
async function unpack(name: string, path: string): Promise<void> {
  const file = await Deno.open(new URL(`${name}.gz`, TESTDATA));
  const stream = file.readable.pipeThrough(new DecompressionStream("gzip"));
  await Deno.writeFile(path, await new Response(stream).bytes());
}

for (const name of ["closed", "killed"]) {
  test(`the file of an earlier listener that was ${name} is opened, read and written`, async (path) => {
    await unpack(`${name}.db`, path);
    if (name === "killed") await unpack("killed.db-wal", `${path}-wal`);
    let epoch = "";
    for (let opening = 1; opening <= 2; opening++) {
      const history = open(path);
      if (opening === 1) epoch = history.epoch;
      assertEquals([history.epoch.length, history.epoch], [32, epoch]);
      assertEquals(history.rooms(), [
        { room: "Tea🫖", head: 4 + opening, topic: "milk first" },
        { room: "lobby", head: 20 + opening, topic: "" },
      ]);
      assertEquals(history.bans(), [{ kind: "nick", value: "mallory", text: "no milk" }]);
      assertEquals(history.find("ann's session", 20)?.id, 20);
      assertEquals(history.find("ann's session", "cup 5")?.room, "Tea🫖");
      assertEquals(history.find("ann's session", "long")?.id, 21);
      const replay = roomOf(history, "lobby").log.replay(1, 21);
      assertEquals(replay.count, 21);
      assertStringIncludes(new TextDecoder().decode(replay.next(1) as Uint8Array), "line 1");
      replay.close();
      append(history, [
        ...posts("lobby", 21 + opening, 21 + opening),
        postWith("new", opening, { room: "Tea🫖", id: 5 + opening }),
      ]);
      history.close();
    }
  });
}
