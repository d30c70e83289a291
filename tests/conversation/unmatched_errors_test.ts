import { UnmatchedErrors } from "../../lib/conversation/unmatched_errors.ts";
import { assertEquals } from "../assert.ts";

/** Posts that wait for their answers, and errors that do not say which of them they refuse. */
function posts(...refs: number[]) {
  let unanswered = refs;
  const pings: string[] = [];
  const meant: [string, unknown][] = [];
  const unmatched = new UnmatchedErrors<string>({
    ping: () => {
      pings.push(`ping ${pings.length + 1}`);
      return pings.at(-1)!;
    },
    unanswered: () => unanswered,
    decided: (error, post) => meant.push([error, post]),
  });
  return {
    unmatched,
    pings,
    meant,
    answer: (ref: number) => unanswered = unanswered.filter((each) => each !== ref),
    post: (ref: number) => unanswered = [...unanswered, ref],
    pong: () => unmatched.pong(pings.at(-1)!),
  };
}

Deno.test("UnmatchedErrors waits for two pongs, for acks may come after the first", () => {
  const { unmatched, meant, pings, answer, pong } = posts(1, 2);
  unmatched.raise("bad");
  assertEquals([pong(), meant, unmatched.pending], [true, [], true]);
  answer(1);
  assertEquals([pong(), meant, unmatched.pending], [true, [["bad", 2]], false]);
  assertEquals(pings.length, 2);
});

Deno.test("UnmatchedErrors reports an error without a post where all are answered", () => {
  const { unmatched, meant, answer, pong } = posts(1);
  unmatched.raise("about something else");
  answer(1);
  pong();
  pong();
  assertEquals(meant, [["about something else", undefined]]);
});

Deno.test("UnmatchedErrors does not blame posts sent after the error", () => {
  const { unmatched, meant, post, pong } = posts(1);
  unmatched.raise("bad");
  post(2);
  pong();
  post(3);
  pong();
  assertEquals(meant, [["bad", 1]]);
});

Deno.test("UnmatchedErrors matches several errors, also those that come while it asks", () => {
  const { unmatched, meant, pings, answer, pong } = posts(1, 2, 3, 4);
  unmatched.raise("a");
  unmatched.raise("b");
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

Deno.test("UnmatchedErrors reports its errors at a loss, and ignores an earlier pong", () => {
  const { unmatched, meant, pings, pong } = posts(1);
  unmatched.raise("a");
  unmatched.raise("b");
  unmatched.forget();
  assertEquals([meant, unmatched.pending], [[["a", undefined], ["b", undefined]], false]);
  assertEquals([pong(), unmatched.pong("another"), pings.length], [false, false, 1]);
});
