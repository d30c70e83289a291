import { Acceptor } from "../../lib/listener/acceptor.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import { OnceLog } from "../../lib/log/once.ts";
import { ManualClock } from "../clock.ts";
import { assertEquals, assertMatch } from "../assert.ts";

/** A socket that listens, whose next answers a test gives: an error's code, or "connection". */
function scripted(answers: string[]) {
  const dry = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<never>();
  const accept = (): Promise<Deno.TcpConn> => {
    const answer = answers.shift();
    if (answer === "connection") return Promise.resolve({} as Deno.TcpConn);
    if (answer !== undefined) return Promise.reject(Object.assign(new Error(answer), { code: answer }));
    dry.resolve();
    return ended.promise;
  };
  return {
    listener: { accept } as unknown as Deno.TcpListener,
    /** Resolves when all answers were given. */
    dry: dry.promise,
    close: () => ended.reject(new Deno.errors.BadResource()),
  };
}

function accepting(answers: string[]) {
  const clock = new ManualClock();
  const log: LogEvent[] = [];
  const stop = new AbortController();
  let taken = 0;
  const socket = scripted(answers);
  const acceptor = new Acceptor({
    clock,
    once: new OnceLog((event) => log.push(event), clock),
    signal: stop.signal,
    take: () => void taken++,
  });
  const running = acceptor.run(socket.listener);
  return {
    acceptor,
    clock,
    log,
    dry: socket.dry,
    taken: () => taken,
    async end() {
      stop.abort();
      socket.close();
      await running;
    },
  };
}

Deno.test("an error about one connection does not delay the next one", async () => {
  // The errors that Linux and the BSDs give for a connection that failed while it waited, and ones without a code.
  const codes =
    "ENOTCONN ECONNABORTED ECONNRESET EPROTO EPERM ENETDOWN EHOSTUNREACH ETIMEDOUT EOPNOTSUPP EINTR EAGAIN X";
  const answers = codes.split(" ").flatMap((code) => [code, code, "connection"]);
  const chat = accepting(answers);
  await chat.dry;
  assertEquals(chat.taken(), 12);
  assertEquals(chat.log, []);
  await chat.end();
});

Deno.test("a thousand errors in a row do not block the event loop", async () => {
  const chat = accepting(Array.from({ length: 1000 }, () => "ENOTCONN"));
  let turns = 0;
  let going = true;
  const turn = () => {
    turns++;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  await chat.dry;
  going = false;
  assertEquals(turns >= 500, true, `${turns} turns`);
  await chat.end();
});

for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]) {
  Deno.test(`accepting pauses at ${code} until there is room or a second has passed, and says so once`, async () => {
    const chat = accepting([code, code, "connection"]);
    const turns = async () => {
      for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
    };
    await turns();
    assertEquals(chat.taken(), 0);
    chat.clock.advance(999);
    await turns();
    assertEquals(chat.taken(), 0);
    chat.clock.advance(1);
    await turns();
    assertEquals(chat.taken(), 0);
    chat.acceptor.retry();
    await chat.dry;
    assertEquals(chat.taken(), 1);
    chat.clock.advance(1000);
    assertEquals(chat.log.map(({ event }) => event), ["failing", "working"]);
    const [failing] = chat.log;
    assertMatch(
      failing?.event === "failing" ? failing.text : "",
      /^Cannot accept a connection: (this|the system)/,
    );
    await chat.end();
  });
}
