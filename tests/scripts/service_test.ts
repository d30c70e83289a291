/** The unit for systemd: that systemd understands it, and that it fits what it starts. */

import { parseCommandLine } from "../../lib/cli/mod.ts";
import { DEFAULT_LIMITS } from "../../lib/base/limits.ts";
import { assert, assertEquals, assertGreater, assertStringIncludes } from "../assert.ts";

const UNIT = await Deno.readTextFile(new URL("../../scripts/chat.service", import.meta.url));
const PROGRAM = "/usr/local/bin/chat";

/** The value of a setting that stands once in the unit. */
function setting(name: string): string {
  const values = [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))];
  assertEquals(values.length, 1, name);
  return values[0]![1]!;
}

/** What systemd says about the unit, with a program that is there for the one that it starts. */
async function verify(unit: string): Promise<{ success: boolean; said: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/chat.service`;
    await Deno.writeTextFile(file, unit.replace(PROGRAM, Deno.execPath()));
    const { success, stderr } = await new Deno.Command("systemd-analyze", { args: ["verify", file] })
      .output();
    // Of other units on this machine it may say what it likes.
    const said = new TextDecoder().decode(stderr).split("\n").filter((line) => line.includes(file)).join(
      "\n",
    );
    return { success, said };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function hasSystemd(): boolean {
  try {
    return new Deno.Command("systemd-analyze", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "[systemd] systemd-analyze verify finds no fault in the unit, and would find one",
  ignore: !hasSystemd(),
  async fn() {
    assertEquals(await verify(UNIT), { success: true, said: "" });
    const { said } = await verify(UNIT.replace("ProtectSystem=strict", "ProtectSystem=sometimes"));
    assertStringIncludes(said, "sometimes");
  },
});

Deno.test("the unit starts chat by a command line that it takes, with the history in the state directory", () => {
  const [program, ...words] = setting("ExecStart").split(" ");
  assertEquals(program, PROGRAM);
  const command = parseCommandLine(words.map((word) => word.replace("%S", "/var/lib")));
  assert(command.kind === "serve");
  assertEquals(command.history, `/var/lib/${setting("StateDirectory")}/history.db`);
});

Deno.test("the unit leaves room for all connections, and time to say goodbye", () => {
  assertGreater(Number(setting("LimitNOFILE")), DEFAULT_LIMITS.connections);
  assertGreater(Number(setting("TimeoutStopSec")) * 1000, DEFAULT_LIMITS.drain + DEFAULT_LIMITS.goodbye);
  assertEquals([setting("KillSignal"), setting("Restart"), setting("StandardInput")], [
    "SIGTERM",
    "on-failure",
    "null",
  ]);
  assertEquals([setting("DynamicUser"), setting("NoNewPrivileges"), setting("ProtectSystem")], [
    "yes",
    "yes",
    "strict",
  ]);
});
