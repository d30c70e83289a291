import { assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";
import { linesOf } from "../../lib/terminal/line_guard.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function read(chunks: Uint8Array[], limit = 1000): Promise<{ lines: string[]; skipped: number[][] }> {
  const skipped: number[][] = [];
  const reader = linesOf(ReadableStream.from(chunks), {
    limit: () => limit,
    skipped: (line, size) => skipped.push([line, size]),
  });
  const lines: string[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) lines.push(next.value);
  return { lines, skipped };
}

/** The same bytes in pieces of random sizes. */
function pieces(whole: Uint8Array, seed: number): Uint8Array[] {
  const random = randomOf(seed);
  const cut: Uint8Array[] = [];
  for (let at = 0; at < whole.length;) cut.push(whole.subarray(at, at += 1 + random(5)));
  return cut;
}

Deno.test("linesOf gives each line without its ending, whether \\n, \\r\\n or none at the end", async () => {
  assertEquals((await read([bytes("a\n\r\nb\r\nc")])).lines, ["a", "", "b", "c"]);
  assertEquals((await read([bytes("a\n")])).lines, ["a"]);
  assertEquals((await read([bytes("\n")])).lines, [""]);
  assertEquals((await read([])).lines, []);
});

Deno.test("linesOf gives the same lines however the bytes are split", async () => {
  const text = "zwölf\r\n漢字\n\n👩‍👩‍👧 ok\nlast";
  for (let seed = 0; seed < 100; seed++) {
    const { lines } = await read(pieces(bytes(text), seed));
    assertEquals(lines, ["zwölf", "漢字", "", "👩‍👩‍👧 ok", "last"], `seed ${seed}`);
  }
});

Deno.test("linesOf makes U+FFFD of what is no UTF-8, and keeps a byte order mark", async () => {
  assertEquals((await read([new Uint8Array([0x61, 0xff, 0x0a, 0xc3])])).lines, ["a\ufffd", "\ufffd"]);
  assertEquals((await read([bytes("\ufeffa\n\ufeffb\n")])).lines, ["\ufeffa", "\ufeffb"]);
});

Deno.test("linesOf skips a line above the limit, tells which, and goes on, however it is split", async () => {
  const text = "12345\n123456\n\n1234567\nok\n12345678";
  for (let seed = 0; seed < 100; seed++) {
    const cut = seed === 0 ? [bytes(text)] : pieces(bytes(text), seed);
    assertEquals(await read(cut, 5), {
      lines: ["12345", "", "ok"],
      skipped: [[2, 6], [4, 7], [6, 8]],
    }, `seed ${seed}`);
  }
});

Deno.test("linesOf does not keep an endless line", async () => {
  const chunk = new Uint8Array(64 * 1024).fill(0x78);
  let left = 4096;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => left-- > 0 ? controller.enqueue(chunk) : controller.close(),
  });
  const sizes: number[] = [];
  const reader = linesOf(endless, { limit: () => 1000, skipped: (_line, size) => sizes.push(size) });
  assertEquals((await reader.read()).done, true);
  assertEquals(sizes, [4096 * 64 * 1024]);
});

Deno.test("linesOf reads no more than a few chunks ahead of what is taken", async () => {
  let pulled = 0;
  const input = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled++;
      controller.enqueue(bytes("a\nb\n"));
    },
  });
  const reader = linesOf(input, { limit: () => 1000, skipped: () => {} });
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(pulled <= 6, true, `${pulled} chunks`);
  await reader.cancel();
});
