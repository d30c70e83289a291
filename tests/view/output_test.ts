import { Output } from "../../lib/view/output.ts";
import { assertEquals, assertRejects } from "../assert.ts";

/** A sink whose writes end when they are told to. */
class SlowSink {
  readonly written: string[] = [];
  #end: (() => void) | null = null;

  write(bytes: Uint8Array): Promise<number> {
    this.written.push(new TextDecoder().decode(bytes));
    return new Promise((resolve) => this.#end = () => resolve(bytes.length));
  }

  endWrite(): void {
    this.#end!();
  }
}

Deno.test("Output writes lines that came during a write together", async () => {
  const sink = new SlowSink();
  const output = new Output(sink);
  output.line("one");
  const flushed = output.flush();
  output.line("two");
  output.line("three");
  sink.endWrite();
  await Promise.resolve();
  sink.endWrite();
  await flushed;
  assertEquals(sink.written, ["one\n", "two\nthree\n"]);
});

Deno.test("Output writes a line that comes at the moment in which a write ends", async () => {
  for (let ticks = 0; ticks < 6; ticks++) {
    const sink = new SlowSink();
    const output = new Output(sink);
    output.line("one");
    const first = output.flush();
    sink.endWrite();
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    output.line("two");
    const second = output.flush();
    await Promise.resolve();
    await Promise.resolve();
    assertEquals(sink.written, ["one\n", "two\n"], `${ticks} ticks later`);
    sink.endWrite();
    await Promise.all([first, second]);
  }
});

Deno.test("Output reports a failed write, and tries again with the next line", async () => {
  let broken = true;
  const written: string[] = [];
  const output = new Output({
    write(bytes) {
      if (broken) return Promise.reject(new Deno.errors.BrokenPipe("nobody reads"));
      written.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  });
  output.line("one");
  await assertRejects(() => output.flush(), Deno.errors.BrokenPipe);
  broken = false;
  output.line("two");
  await output.flush();
  assertEquals(written, ["two\n"]);
});
