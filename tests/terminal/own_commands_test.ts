import { CommandRunner, type OwnCommand } from "../../lib/terminal/command_runner.ts";
import { Style } from "../../lib/terminal/style/style.ts";
import { Transcript } from "../../lib/terminal/transcript.ts";
import { assertEquals, assertMatch } from "../assert.ts";

Deno.test("added commands get the rest of their line, and the help names them", () => {
  const ran: string[] = [];
  const invite: OwnCommand = { usage: "[NAME]", about: "makes a code", run: (rest) => ran.push(rest) };
  const nothing = () => {};
  const runner = new CommandRunner(new Transcript({ style: new Style("none"), bell: "off", now: () => 0 }), {
    act: nothing,
    leave: nothing,
    interrupt: nothing,
    retry: nothing,
    clear: nothing,
    ownCommands: () => new Map([["invite", invite]]),
  });
  for (const line of ["/invite bob", "/INVITE  --keep robot ", "/invite"]) assertEquals(runner.run(line), []);
  assertEquals(ran, ["bob", "--keep robot", ""]);
  assertMatch(runner.run("/help /Invite").join("\n"), /^.*\/invite \[NAME\] +makes a code/);
  assertMatch(runner.run("/help").join("\n"), /\/invite \[NAME\] +makes a code/);
  assertMatch(runner.run("/invit").join("\n"), /there is no command \/invit /);
});
