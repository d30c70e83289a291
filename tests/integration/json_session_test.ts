import { assert, assertEquals } from "../assert.ts";
import { start, Typing } from "./connecting.ts";
import { Listening } from "./listening.ts";

const BEGIN = "<!-- session: chat --connect HOST --nick robot --json -->\n```text\n";

/** Times and names that are others each time. */
const shown = (line: string) =>
  line.replace(/"at": [\d.]+/g, '"at": …').replace(/"(epoch|version)": "[^"]+"/g, '"$1": "…"');

Deno.test("the session of --json in docs/json.md runs as documented", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/json.md", import.meta.url));
  assert(text.includes(BEGIN));
  const session = text.split(BEGIN)[1]!.split("\n```")[0]!.split("\n");
  await using listening = await Listening.start();
  using alice = await listening.enter("alice");
  const typing = new Typing();
  const robot = start({ port: listening.port, nick: "robot", json: "exact" }, { input: typing.readable });
  let seen = 0;
  for (const line of session) {
    const [direction, content] = [line[0], line.slice(2)];
    if (direction === ">") {
      typing.type(content + "\n");
      continue;
    }
    // alice answers what she has heard, and not before.
    if (content.includes('"thanks"')) {
      await alice.until("message");
      alice.send({ type: "message", body: "thanks" });
    }
    await robot.stdout.until((out) => out.split("\n").length > seen + 1);
    assertEquals(shown(robot.stdout.lines[seen++]!), content);
  }
  typing.end();
  // One post was refused.
  assertEquals(await robot.status, 1);
  assertEquals([robot.stdout.lines.length, robot.stderr.text], [seen, ""]);
});
