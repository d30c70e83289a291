import { CountedInput, Progress } from "../../lib/view/progress.ts";
import { assertEquals } from "../assert.ts";
import { ManualClock } from "../clock.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function progressing(total: () => number | undefined) {
  const clock = new ManualClock();
  const told: string[] = [];
  const progress = new Progress({ clock, total, tell: (line) => told.push(line) });
  const pass = (posted: number, answered: number) => {
    for (let n = 0; n < posted; n++) progress.posted();
    for (let n = 0; n < answered; n++) progress.answered();
    clock.advance(5_000);
  };
  return { clock, told, progress, pass };
}

Deno.test("Progress reports every five seconds how many posts are stored, how fast, and how many are left", () => {
  let total: number | undefined = undefined;
  const { told, pass } = progressing(() => total);
  pass(756, 500);
  total = 20_000;
  pass(500, 500);
  pass(0, 0);
  pass(18_744, 18_999);
  assertEquals(told, [
    "500 posts stored, 100 a second",
    "1,000 of 20,000 posts stored, 100 a second, 3 min 10 s left",
    "1,000 of 20,000 posts stored, 0 a second",
    "19,999 of 20,000 posts stored, 3,800 a second, 1 s left",
  ]);
});

Deno.test("Progress reports nothing before the first post, if everything is done within five seconds, and after it is stopped", () => {
  const { clock, told, progress, pass } = progressing(() => 3);
  clock.advance(60_000);
  pass(3, 3);
  progress.stop();
  pass(3, 0);
  assertEquals(told, []);
});

Deno.test("CountedInput counts lines up to the end, also the last one without a newline, before they are read", async () => {
  for (const [text, count] of [["", 0], ["a", 1], ["a\n", 1], ["a\nb", 2], ["\n\n", 2]] as const) {
    const chunks = [...text].map((character) => bytes(character));
    const input = new CountedInput(ReadableStream.from([...chunks, new Uint8Array()]));
    while (input.lines === undefined) await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(input.lines, count);
    assertEquals(await new Response(input.readable as ReadableStream<Uint8Array<ArrayBuffer>>).text(), text);
  }
});
