import { HistoryError } from "../../../lib/history/history.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { open, test } from "./files.ts";

const POSIX = Deno.build.os !== "windows";

/** Opens a history once and closes it again. */
function make(path: string): void {
  open(path).close();
}

function refusal(path: string): string {
  return assertThrows(() => make(path), HistoryError).message;
}

const LINKS: readonly [string, (folder: string) => string][] = [
  ["a file that is yet to be made", () => "real.db"],
  ["the same by its whole path", (folder) => `${folder}/real.db`],
  ["a file in another folder", () => "sub/../real.db"],
  ["another link", (folder) => {
    Deno.symlinkSync("real.db", `${folder}/second.db`);
    return "second.db";
  }],
  ["a link in another folder, whose target is beside that", (folder) => {
    Deno.symlinkSync("../real.db", `${folder}/sub/third.db`);
    return "sub/third.db";
  }],
  ["a history", (folder) => {
    make(`${folder}/real.db`);
    return "./real.db";
  }],
];

for (const [what, targetOf] of LINKS) {
  test(`a history may be a link to ${what}; its files lie beside the target`, (_, folder) => {
    Deno.mkdirSync(`${folder}/sub`);
    Deno.symlinkSync(targetOf(folder), `${folder}/link.db`);
    const history = open(`${folder}/link.db`);
    const wal = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith("-wal"));
    assertEquals(wal, ["real.db-wal"]);
    assertThrows(() => open(`${folder}/real.db`), HistoryError, "another listener has it open");
    history.close();
    assert(Deno.lstatSync(`${folder}/real.db`).isFile);
    assert(Deno.lstatSync(`${folder}/link.db`).isSymlink);
    make(`${folder}/link.db`);
  }, !POSIX);
}

test("anything but a file is refused in one line, and is not changed", async (_, folder) => {
  Deno.mkdirSync(`${folder}/folder`);
  assertEquals(
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output().then((o) => o.success),
    true,
  );
  Deno.symlinkSync("round", `${folder}/round`);
  Deno.symlinkSync("folder", `${folder}/to_folder`);
  Deno.symlinkSync("no/where.db", `${folder}/nowhere`);
  Deno.writeTextFileSync(`${folder}/file`, "");
  const cases: [string, RegExp][] = [
    [`${folder}/folder`, /: it is a folder; give --history a file$/],
    [`${folder}/to_folder`, /: it is a folder; give --history a file$/],
    [`${folder}/pipe`, /: it is a device, a pipe or a socket; give --history a file$/],
    ["/dev/null", /: it is a device, a pipe or a socket; give --history a file$/],
    [`${folder}/round`, /: its links go round in a circle; give --history a file$/],
    [`${folder}/nowhere`, /: No such file or directory; give --history a file that can be written$/],
    [`${folder}/no/where.db`, /: No such file or directory; give --history a file that can be written$/],
    [`${folder}/file/x.db`, /: Not a directory; give --history a file that can be written$/],
    [`${folder}/${"x".repeat(300)}`, /: File name too long; give --history a file that can be written$/],
  ];
  for (const [path, message] of cases) {
    const told = refusal(path);
    assert(told.startsWith(`Cannot keep the history in `) && message.test(told), told);
    assert(!told.includes("\n") && !told.includes("os error"), told);
  }
}, !POSIX);

Deno.test({
  name:
    "names that mean something to SQLite are names of files, and system folders are refused in words of chat",
  ignore: !POSIX,
  async fn() {
    const folder = await Deno.makeTempDir();
    const main = new URL("../../../main.ts", import.meta.url).pathname;
    const serve = async (history: string) => {
      const words = ["run", "--no-prompt", "--no-check", "--allow-net", "--allow-read", "--allow-write"];
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          ...words,
          "--allow-env=TZ,CHAT_OPERATOR_TOKEN",
          main,
          "--serve",
          "--quiet",
          "--host",
          "127.0.0.1",
          "--port",
          "0",
          "--history",
          history,
        ],
        cwd: folder,
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      let told = "";
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        told += next.value;
        if (told.includes("listening")) child.kill("SIGTERM");
      }
      await child.status;
      return told;
    };
    try {
      for (
        const name of [":memory:", "file:chat.db?mode=memory", "file::memory:", "a b#c%41?.db", "ü漢.db"]
      ) {
        const told = await serve(name);
        assert(told.includes("listening on"), told);
        assert(Deno.statSync(`${folder}/${name}`).isFile, name);
      }
      for (
        const path of ["/dev/shm/chat_test.db", "/proc/chat_test.db", "/proc/self/chat.db", "/sys/chat.db"]
      ) {
        assertEquals(
          await serve(path),
          `chat: cannot keep the history in ${path}: chat may not use files in that folder; give --history one elsewhere\n`,
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
