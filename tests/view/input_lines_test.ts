import { assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";
import { InputLines, type LeftOut } from "../../lib/view/input_lines.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function read(chunks: Uint8Array[], limit = 1000): Promise<unknown[]> {
  const input = new InputLines(ReadableStream.from(chunks));
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

Deno.test("InputLines gives each line without its ending, whether \\n, \\r\\n or none at the end", async () => {
  assertEquals(await read([bytes("a\n\r\nb\r\nc")]), ["a", "", "b", "c"]);
  assertEquals(await read([bytes("a\n")]), ["a"]);
  assertEquals(await read([bytes("\n")]), [""]);
  assertEquals(await read([]), []);
});

Deno.test("InputLines gives the same lines however the bytes are split", async () => {
  const text = "zwölf\r\n漢字\n\n👩‍👩‍👧 ok\nlast";
  for (let seed = 0; seed < 100; seed++) {
    assertEquals(
      await read(pieces(bytes(text), seed)),
      ["zwölf", "漢字", "", "👩‍👩‍👧 ok", "last"],
      `seed ${seed}`,
    );
  }
});

const tooLong = (line: number, bytes: number, limit: number): LeftOut => ({
  line,
  code: "too-large",
  why: `its ${bytes} bytes are above the limit of ${limit}, so it was skipped`,
});

const noUtf8 = (line: number): LeftOut => ({
  line,
  code: "bad-message",
  why: "it is not UTF-8, so it was skipped; convert the input to UTF-8",
});

Deno.test("InputLines skips lines that are not UTF-8, and returns the others, however they are split", async () => {
  const bad = [
    [0x63, 0x61, 0x66, 0xe9], // Latin-1.
    [0x80], // A continuation without a beginning.
    [0xc3], // A beginning without a continuation.
    [0xe2, 0x82], // Two of three bytes.
    [0xc0, 0xaf], // Overlong.
    [0xed, 0xa0, 0x80], // A surrogate.
    [0xf4, 0x90, 0x80, 0x80], // Above U+10FFFF.
    [0x61, 0xff, 0x62],
  ];
  for (const line of bad) {
    const whole = new Uint8Array([...bytes("zwölf\n"), ...line, 0x0a, ...bytes("漢\r\n\n"), ...line]);
    const expected = ["zwölf", noUtf8(2), "漢", "", noUtf8(5)];
    assertEquals(await read([whole]), expected);
    for (let seed = 0; seed < 20; seed++) assertEquals(await read(pieces(whole, seed)), expected);
    assertEquals(await read([new Uint8Array([...line, 0x0a])]), [noUtf8(1)]);
  }
  assertEquals(await read([bytes("\ufffd\n\0\n")]), ["\ufffd", "\0"]);
});

Deno.test("InputLines drops one byte order mark at the very beginning, however it is split", async () => {
  const cases: [string, string[]][] = [
    ["\ufeffa\n\ufeffb\n", ["a", "\ufeffb"]],
    ["\ufeff\ufeffa\n", ["\ufeffa"]],
    ["\ufeff\r\na", ["", "a"]],
    ["\ufeff\n", [""]],
    ["\ufeff", [""]],
    ["a\ufeff\n\ufeff", ["a\ufeff", "\ufeff"]],
    ['\ufeff{"body": 1}', ['{"body": 1}']],
  ];
  for (const [text, expected] of cases) {
    assertEquals(await read([bytes(text)]), expected);
    assertEquals(await read([...bytes(text)].map((byte) => Uint8Array.of(byte))), expected);
  }
});

Deno.test("InputLines reads nothing of an input that begins with a mark of UTF-16", async () => {
  const why = "the input is UTF-16 and is not read; convert it to UTF-8";
  for (const [mark, high] of [[[0xff, 0xfe], 1], [[0xfe, 0xff], 0]] as const) {
    const text = [...bytes("hi\nho\n")].flatMap((byte) => high === 1 ? [byte, 0] : [0, byte]);
    assertEquals(await read([new Uint8Array([...mark, ...text])]), [{ line: 1, code: "bad-message", why }]);
  }
});

Deno.test("InputLines skips a line above the limit, reports it in its place, and goes on, however it is split", async () => {
  const text = "12345\n123456\n\n1234567\nok\n12345678";
  for (let seed = 0; seed < 100; seed++) {
    const cut = seed === 0 ? [bytes(text)] : pieces(bytes(text), seed);
    assertEquals(await read(cut, 5), [
      "12345",
      tooLong(2, 6, 5),
      "",
      tooLong(4, 7, 5),
      "ok",
      tooLong(6, 8, 5),
    ], `seed ${seed}`);
  }
});

Deno.test("InputLines does not keep an endless line", async () => {
  const chunk = new Uint8Array(64 * 1024).fill(0x78);
  let left = 4096;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => left-- > 0 ? controller.enqueue(chunk) : controller.close(),
  });
  const lines = new InputLines(endless);
  lines.longest = 1000;
  assertEquals(await lines.next(), tooLong(1, 4096 * 64 * 1024, 1000));
  assertEquals(await lines.next(), null);
});

Deno.test("InputLines reads a chunk when its first line is asked for, and nothing after it is closed", async () => {
  let pulled = 0;
  const input = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled++;
      controller.enqueue(bytes("a\nb\n"));
    },
  });
  const lines = new InputLines(input);
  await lines.next();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(pulled <= 2, true, `${pulled} chunks`);
  lines.close();
  assertEquals(await lines.next(), null);
});
