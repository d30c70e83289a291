import { Doubts } from "../../lib/conversation/doubts.ts";
import { assertEquals } from "../assert.ts";

/** Posts that wait for their answers, and errors that do not say which of them they refuse. */
function posts(...refs: number[]) {
  let unanswered = refs;
  const pings: string[] = [];
  const meant: [string, unknown][] = [];
  const doubts = new Doubts<string>({
    ping: () => {
      pings.push(`ping ${pings.length + 1}`);
      return pings.at(-1)!;
    },
    unanswered: () => unanswered,
    decided: (error, post) => meant.push([error, post]),
  });
  return {
    doubts,
    pings,
    meant,
    answer: (ref: number) => unanswered = unanswered.filter((each) => each !== ref),
    post: (ref: number) => unanswered = [...unanswered, ref],
    pong: () => doubts.pong(pings.at(-1)!),
  };
}

Deno.test("Doubts waits for two pongs, for acks may come after the first", () => {
  const { doubts, meant, pings, answer, pong } = posts(1, 2);
  doubts.raise("bad");
  assertEquals([pong(), meant, doubts.pending], [true, [], true]);
  answer(1);
  assertEquals([pong(), meant, doubts.pending], [true, [["bad", 2]], false]);
  assertEquals(pings.length, 2);
});

Deno.test("Doubts finds that an error is about no post where all are answered", () => {
  const { doubts, meant, answer, pong } = posts(1);
  doubts.raise("about something else");
  answer(1);
  pong();
  pong();
  assertEquals(meant, [["about something else", undefined]]);
});

Deno.test("Doubts holds nothing against what was posted after the error", () => {
  const { doubts, meant, post, pong } = posts(1);
  doubts.raise("bad");
  post(2);
  pong();
  post(3);
  pong();
  assertEquals(meant, [["bad", 1]]);
});

Deno.test("Doubts finds each of several, also of those that come while it asks", () => {
  const { doubts, meant, pings, answer, pong } = posts(1, 2, 3, 4);
  doubts.raise("a");
  doubts.raise("b");
  answer(2);
  pong();
  pong();
  assertEquals(meant, [["a", 1]]);
  answer(1);
  answer(4);
  pong();
  pong();
  assertEquals([meant, pings.length], [[["a", 1], ["b", 3]], 4]);
});

Deno.test("Doubts tells the errors as they are where the connection is lost, and takes no pong of before", () => {
  const { doubts, meant, pings, pong } = posts(1);
  doubts.raise("a");
  doubts.raise("b");
  doubts.forget();
  assertEquals([meant, doubts.pending], [[["a", undefined], ["b", undefined]], false]);
  assertEquals([pong(), doubts.pong("another"), pings.length], [false, false, 1]);
});
