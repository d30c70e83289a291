import { assertEquals, assertThrows } from "../assert.ts";
import { UsageError } from "../../lib/base/errors.ts";
import { parseCommandLine, type ServeCommand } from "../../lib/cli/mod.ts";

function serve(history: string, ...more: string[]): ServeCommand {
  const command = parseCommandLine(["--serve", "--history", history, ...more]);
  if (command.kind !== "serve") throw new TypeError(command.kind);
  return command;
}

Deno.test("--history takes the address of a chat on a broker, and a file otherwise", () => {
  assertEquals(serve("chat.db").history, "chat.db");
  const { history, broker } = serve("tls://c%40t@n1,[::1]:4333,n3:1/team-1", "--replicas", "3");
  assertEquals(history, undefined);
  assertEquals(broker, {
    address: {
      isEncrypted: true,
      user: "c@t",
      servers: [{ host: "n1", port: 4222 }, { host: "::1", port: 4333 }, { host: "n3", port: 1 }],
      chat: "team-1",
    },
    creds: undefined,
    ca: undefined,
    replicas: 3,
  });
  assertEquals(serve("nats://n1/a".padEnd(42, "b")).broker?.address.chat.length, 32);
});

Deno.test("a chat on a broker may be private", () => {
  const { broker, private: isPrivate } = serve("nats://n1/team", "--private");
  assertEquals([broker?.address.chat, isPrivate], ["team", true]);
});

const REFUSED: readonly (readonly [string[], string])[] = [
  [["nats://chat:secret@n1/team"], "set CHAT_BROKER_PASSWORD"],
  [["nats://chat%3asecret@n1/team"], "set CHAT_BROKER_PASSWORD"],
  [["nats://n1"], "end it with /NAME"],
  [["nats://n1/"], "end it with /NAME"],
  [["nats://n1/a b"], "end it with /NAME"],
  [["nats://n1/a".padEnd(43, "b")], "end it with /NAME"],
  [["nats:///team"], "write the name or the address of a host"],
  [["nats://n1,,n2/team"], "write the name or the address of a host"],
  [["nats://@n1/team"], "write a user before the @"],
  [["http://n1/team"], "write a file, or nats://USER@HOST/NAME for a broker"],
  [[`nats://${Array(17).fill("n").join()}/team`], "name at most 16 servers"],
  [["nats://n1/team", "--replicas", "6"], "write a whole number from 1 to 5"],
  [["nats://n1/team", "--durability", "disk"], "sync_interval"],
  [["nats://chat@n1/team", "--broker-creds", "f"], "leave one out"],
  [["chat.db", "--replicas", "3"], "--replicas needs a broker"],
  [["chat.db", "--broker-ca", "f"], "--broker-ca needs a broker"],
];

for (const [words, advice] of REFUSED) {
  Deno.test(`--history ${words.join(" ").slice(0, 60)} is refused with advice`, () => {
    const error = assertThrows(() => serve(words[0]!, ...words.slice(1)), UsageError);
    assertEquals(error.message.includes(advice), true, error.message);
    // A password that was typed by mistake is not shown again.
    assertEquals(error.message.includes("secret"), false, error.message);
  });
}
