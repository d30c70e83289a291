import { assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";
import { Lines } from "../../lib/view/line_guard.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function read(chunks: Uint8Array[], limit = 1000): Promise<unknown[]> {
  const input = new Lines(ReadableStream.from(chunks));
  input.longest = limit;
  const lines: unknown[] = [];
  for (let line = await input.next(); line !== null; line = await input.next()) lines.push(line);
  return lines;
}

/** The same bytes in pieces of random sizes. */
function pieces(whole: Uint8Array, seed: number): Uint8Array[] {
  const random = randomOf(seed);
  const cut: Uint8Array[] = [];
  for (let at = 0; at < whole.length;) cut.push(whole.subarray(at, at += 1 + random(5)));
  return cut;
}

Deno.test("Lines gives each line without its ending, whether \\n, \\r\\n or none at the end", async () => {
  assertEquals(await read([bytes("a\n\r\nb\r\nc")]), ["a", "", "b", "c"]);
  assertEquals(await read([bytes("a\n")]), ["a"]);
  assertEquals(await read([bytes("\n")]), [""]);
  assertEquals(await read([]), []);
});

Deno.test("Lines gives the same lines however the bytes are split", async () => {
  const text = "zwölf\r\n漢字\n\n👩‍👩‍👧 ok\nlast";
  for (let seed = 0; seed < 100; seed++) {
    assertEquals(
      await read(pieces(bytes(text), seed)),
      ["zwölf", "漢字", "", "👩‍👩‍👧 ok", "last"],
      `seed ${seed}`,
    );
  }
});

Deno.test("Lines makes U+FFFD of what is no UTF-8, and keeps a byte order mark", async () => {
  assertEquals(await read([new Uint8Array([0x61, 0xff, 0x0a, 0xc3])]), ["a\ufffd", "\ufffd"]);
  assertEquals(await read([bytes("\ufeffa\n\ufeffb\n")]), ["\ufeffa", "\ufeffb"]);
});

Deno.test("Lines leaves out a line above the limit, says so in its place, and goes on, however it is split", async () => {
  const text = "12345\n123456\n\n1234567\nok\n12345678";
  for (let seed = 0; seed < 100; seed++) {
    const cut = seed === 0 ? [bytes(text)] : pieces(bytes(text), seed);
    assertEquals(await read(cut, 5), [
      "12345",
      { line: 2, bytes: 6 },
      "",
      { line: 4, bytes: 7 },
      "ok",
      { line: 6, bytes: 8 },
    ], `seed ${seed}`);
  }
});

Deno.test("Lines does not mistake text for a line that was left out", async () => {
  assertEquals(await read([new Uint8Array([0xed, 0xa0, 0x80, 0x37, 0x0a])]), ["\ufffd\ufffd\ufffd7"]);
});

Deno.test("Lines does not keep an endless line", async () => {
  const chunk = new Uint8Array(64 * 1024).fill(0x78);
  let left = 4096;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => left-- > 0 ? controller.enqueue(chunk) : controller.close(),
  });
  const lines = new Lines(endless);
  lines.longest = 1000;
  assertEquals(await lines.next(), { line: 1, bytes: 4096 * 64 * 1024 });
  assertEquals(await lines.next(), null);
});

Deno.test("Lines reads no more than a few chunks ahead of what is taken, and nothing after it is closed", async () => {
  let pulled = 0;
  const input = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled++;
      controller.enqueue(bytes("a\nb\n"));
    },
  });
  const lines = new Lines(input);
  await lines.next();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(pulled <= 6, true, `${pulled} chunks`);
  lines.close();
  assertEquals(await lines.next(), null);
});
