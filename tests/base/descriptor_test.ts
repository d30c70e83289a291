import { Descriptor } from "../../lib/base/descriptor.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const CLOCK = { after: (_: number, then: () => void) => (queueMicrotask(then), () => {}) };

/** An unbuffered output whose attempts end as they are told to: with so many bytes, or an error. */
function output(results: (number | Error)[]) {
  const written: string[] = [];
  const writeSync = (piece: Uint8Array) => {
    const result = results.shift() ?? piece.length;
    if (result instanceof Error) throw result;
    written.push(new TextDecoder().decode(piece.subarray(0, result)));
    return Math.min(result, piece.length);
  };
  const raw = {
    write: async (piece: Uint8Array) => await writeSync(piece),
    writeSync,
    isTerminal: () => false,
  };
  return { written, descriptor: new Descriptor(raw, { clock: CLOCK, isLineBuffered: false }) };
}

const again = () => new Deno.errors.WouldBlock();
const interrupted = () => new Deno.errors.Interrupted();

Deno.test("Descriptor goes on after short writes, EAGAIN and EINTR, and writes each byte once", async () => {
  for (
    const results of [
      [],
      [1, 1, 2],
      [again(), again(), again()],
      [interrupted(), interrupted()],
      [2, again(), 1, interrupted(), again()],
      [0, 3, 0, again()],
    ]
  ) {
    for (const way of ["write", "writeSync"] as const) {
      const { written, descriptor } = output([...results]);
      assertEquals(await descriptor[way](bytes("hello\n")), 6);
      assertEquals([written.join(""), descriptor.hasLost], ["hello\n", false]);
    }
  }
});

Deno.test("Descriptor passes on every other error, and remembers that bytes were lost but for EPIPE", async () => {
  const errors: [Error, boolean][] = [
    [new Deno.errors.BrokenPipe(), false],
    [new Error("Input/output error (os error 5)"), true],
    [new Error("No space left on device (os error 28)"), true],
    [new Error("File too large (os error 27)"), true],
    [new Deno.errors.BadResource(), true],
  ];
  for (const [error, hasLost] of errors) {
    const { written, descriptor } = output([2, again(), error]);
    assert(await assertRejects(() => descriptor.write(bytes("hello"))) === error);
    assertEquals([written, descriptor.hasLost], [["he"], hasLost], error.message);
  }
});

Deno.test("Descriptor.writeSync gives up where nothing is taken for long", () => {
  const { descriptor } = output(Array.from({ length: 1000 }, again));
  assertThrows(() => descriptor.writeSync(bytes("hello")), Deno.errors.WouldBlock);
  assertEquals(descriptor.hasLost, true);
});

Deno.test("Descriptor writes a line of any length to a terminal in one write", async () => {
  const sizes: number[] = [];
  const writeSync = (piece: Uint8Array) => (sizes.push(piece.length), piece.length);
  const raw = {
    write: async (piece: Uint8Array) => await writeSync(piece),
    writeSync,
    isTerminal: () => true,
  };
  const descriptor = new Descriptor(raw, { clock: CLOCK, isLineBuffered: true });
  const text = ["a".repeat(100_000), "b".repeat(1024), "", "c"].join("\n");
  assertEquals(await descriptor.write(bytes(text)), text.length);
  assertEquals(sizes, [100_000, 1, 1024, 1, 1, 1]);
});
