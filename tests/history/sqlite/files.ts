/** Histories in a file, each test's in a folder of its own. */

import { HistoryError } from "../../../lib/history/history.ts";
import { type HistoryOptions, openHistory, type SqliteHistory } from "../../../lib/history/sqlite/sqlite.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../../assert.ts";
import { append, posts } from "../posts.ts";

/** A program that writes to a history until it is ended. */
export const WRITER = new URL("writer.ts", import.meta.url).pathname;

/** Opens a history. */
export function open(path: string, options?: Partial<HistoryOptions>): SqliteHistory {
  return openHistory(path, { durability: "os", randomEpoch: () => "epoch", ...options });
}

/** A test with a folder of its own. */
export function test(
  name: string,
  body: (path: string, folder: string) => void | Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await body(`${folder}/chat.db`, folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** What lies in a folder: names, and the bytes of each. */
export function contents(folder: string): Record<string, Uint8Array> {
  const files = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  return Object.fromEntries(files.map((file) => [file, Deno.readFileSync(`${folder}/${file}`)]));
}

/** Asserts that the file is refused in one line that matches, and that nothing in its folder changed. */
export function assertRefused(path: string, why: RegExp): void {
  const folder = Deno.statSync(path).isDirectory ? path : path.slice(0, path.lastIndexOf("/"));
  const before = contents(folder);
  const error = assertThrows(() => open(path), HistoryError);
  assertMatch(error.message, why);
  assert(!error.message.includes("\n"));
  assertEquals(contents(folder), before);
}

/** A closed history with `count` messages. */
export function write(path: string, count: number): void {
  const history = open(path);
  append(history, posts("lobby", 1, count));
  history.close();
}

/** Starts a process that appends for ever; reads the ids it acknowledged. */
export function startWriter(path: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", `--allow-read`, `--allow-write`, WRITER, "acks", path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  let text = "";
  return {
    /** Reads on; gives the last id that stands there whole. */
    async newest(): Promise<number | null> {
      const { done, value } = await reader.read();
      if (done) return null;
      text += new TextDecoder().decode(value);
      const whole = text.lastIndexOf("\n");
      const newest = parseInt(text.slice(text.lastIndexOf("\n", whole - 1) + 1, whole));
      text = text.slice(whole + 1);
      return newest;
    },
    kill: () => child.kill("SIGKILL"),
    status: child.status,
  };
}
