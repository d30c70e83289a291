import type { Typed } from "../../../lib/terminal/keys/key.ts";
import { KeyDecoder } from "../../../lib/terminal/keys/decoder.ts";
import { assertEquals } from "../../assert.ts";
import { randomOf } from "../../random.ts";
import { shown } from "./shown.ts";

/** Bytes by text: each character up to U+00FF is a byte, what is above is in UTF-8. */
function bytesOf(text: string): Uint8Array {
  const encoder = new TextEncoder();
  return Uint8Array.from(
    [...text].flatMap((char) => char.charCodeAt(0) < 0x100 ? char.charCodeAt(0) : [...encoder.encode(char)]),
  );
}

/** What comes of bytes in chunks, and of the silence behind them. */
function decoded(...chunks: (string | Uint8Array)[]): string {
  const decoder = new KeyDecoder();
  const all: Typed[] = chunks.flatMap((chunk) =>
    decoder.push(typeof chunk === "string" ? bytesOf(chunk) : chunk)
  );
  return shown([...all, ...decoder.expire()]);
}

/** Sequences that are no keys: what terminals answer and tell, and what nobody knows. */
const UNKNOWN: Record<string, string> = {
  "the answer to DA1": "\x1b[?62;22c",
  "the answer to DA2": "\x1b[>0;276;0c",
  "the answer to DA3": "\x1bP!|00000000\x1b\\",
  "the answer to XTVERSION": "\x1bP>|foot(1.16.2)\x1b\\",
  "the cursor's position": "\x1b[24;80R",
  "the answer to DECRQM": "\x1b[?2026;2$y",
  "the answer to ANSI DECRQM": "\x1b[4;1$y",
  "the answer to DSR": "\x1b[0n",
  "the answer to kitty's query": "\x1b[?1u",
  "the answer to XTMODKEYS": "\x1b[>4;2m",
  "a wheel in SGR": "\x1b[<64;50;15M",
  "a release in SGR": "\x1b[<0;50;15m",
  "a mouse of urxvt": "\x1b[32;50;15M",
  "a mouse of X10": "\x1b[M !!",
  "a mouse of X10 in a wide window": "\x1b[M#\xf0\xe5",
  "a mouse of X10 at column 163": "\x1b[M \xc3\x22",
  "a mouse of X10 beyond its range": "\x1b[M \x00\x00",
  "a mouse in UTF-8": "\x1b[M \xc4\x85\xc3\x85",
  "the track of a highlight": "\x1b[T!!!!!!\x1b[t!!",
  "a mouse of DEC": "\x1b[1;2;10;20;0&w",
  "the size of the window": "\x1b[4;600;800t\x1b[8;24;80t",
  "the window's title": "\x1b]lchat \xc3\x9cbersicht \xe2\x80\x9cso\xe2\x80\x9d ✓\x1b\\",
  "a colour, ended by ST": "\x1b]10;rgb:0000/0000/0000\x1b\\",
  "a colour, ended by BEL": "\x1b]10;rgb:ffff/ffff/ffff\x07",
  "the clipboard": "\x1b]52;c;" + "QUJD".repeat(500) + "\x07",
  "kitty's graphics": "\x1b_Gi=31;OK\x1b\\",
  "a privacy message": "\x1b^some privacy\x1b\\",
  "a start of string": "\x1bXa string\x1b\\",
  "the answer to XTGETTCAP": "\x1bP1+r524742=382F382F38\x1b\\",
  "intermediate bytes": '\x1b[1 q\x1b[!p\x1b[ @\x1b[0"q\x1b[2*x',
  "private parameters": "\x1b[<1=2>3?4z",
  "an endless number": "\x1b[" + "9".repeat(300) + "~",
  "an unknown number": "\x1b[99~\x1b[27~\x1b[27;5~\x1b[0~",
  "an unknown final byte": "\x1b[{\x1b[|\x1b[}\x1b[1;2`\x1b[x",
  "an unknown SS3": "\x1bOz\x1bO}\x1bO9z",
  "a key of Windows' own": "\x1b[65;30;97;1;0;1_",
  "a modifier's own key in kitty": "\x1b[57441;2u\x1b[57358u\x1b[57428;1u",
  "a released key": "\x1b[97;1:3u\x1b[1;1:3A\x1b[3;1:3~",
  "a key with Super": "\x1b[97;9u\x1b[1;9A\x1b[27;9;13~",
  "no character's code": "\x1b[55296u\x1b[1114112u\x1b[0u\x1b[u\x1b[;5u",
  "C1 in UTF-8": "\x9b13;9u\xc2\x9b?62c\xc2\x9d0;t\xc2\x9c\xc2\x90q\xc2\x9c\xc2\x85",
  "C1 as bytes": "\x9b?62c\x9d0;title\x9c\x90q\x07\x84",
  "the end of a paste that never began": "\x1b[201~",
  "a late ST": "\x1b[{\xc2\x9c",
};

for (const [name, sequence] of Object.entries(UNKNOWN)) {
  Deno.test(`KeyDecoder drops ${name} whole`, () => {
    assertEquals(decoded(`A${sequence}Z`), "A Z");
  });
}

Deno.test("KeyDecoder reports that the window got or lost the focus", () => {
  assertEquals(decoded("a\x1b[O\x9bIz"), "a <out> <in> z");
  assertEquals(decoded("\x1b[1;2I\x1b[?O"), "");
});

Deno.test("KeyDecoder gives the same keys however the input is cut", () => {
  const all = Object.values(UNKNOWN).join("k") +
    "漢\xc3\xa9👩‍👩‍👧\x1b[1;5D\x1b\x1b[A\x1bOA\x1b[[A\x1bb\x1b\xc3\xa9\x1b[3$\x1b[27;2;13~\x1b[13;5u\x1b[200~a\r\x1b[20\x031~b\x1b[201~\x03z";
  const bytes = bytesOf(all);
  const whole = decoded(bytes);
  for (let cut = 1; cut < bytes.length; cut++) {
    assertEquals(decoded(bytes.subarray(0, cut), bytes.subarray(cut)), whole, `cut at ${cut}`);
  }
  assertEquals(decoded(...Array.from(bytes, (byte) => Uint8Array.of(byte))), whole, "byte by byte");
});

Deno.test("KeyDecoder gives the same keys for any bytes in any pieces", () => {
  // Bytes that mean something, so that random ones come by every state.
  const bytes = [
    ...bytesOf("\x1b\x1b\x1b[[]OPMT~$^@u;:?<0123456789 !A\\\x07\x9b\x9c\x03\r\x00\x7f"),
    0xC3,
    0xE6,
    0xBC,
    0xA2,
    0xF0,
    0xFF,
  ];
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomOf(seed);
    const input = Uint8Array.from({ length: 1 + random(60) }, () => bytes[random(bytes.length)]!);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < input.length;) {
      const end = at + 1 + random(8);
      chunks.push(input.subarray(at, end));
      at = end;
    }
    assertEquals(decoded(...chunks), decoded(input), `seed ${seed}: ${JSON.stringify([...input])}`);
  }
});

Deno.test("KeyDecoder decodes UTF-8, and gives a mark for each invalid sequence", () => {
  assertEquals(decoded("a\xc3\xa9漢\u{1F469}~ "), "a é 漢 \u{1F469} ~ ␠");
  assertEquals(decoded("\xc3x"), "\uFFFD x");
  assertEquals(decoded("\xffx\xc0\xaf"), "\uFFFD x \uFFFD \uFFFD");
  assertEquals(decoded("\xed\xa0\x80x"), "\uFFFD x");
  assertEquals(decoded("\xf0\x9f\x98"), "\uFFFD");
});

Deno.test("KeyDecoder starts again after an escape or a control character inside a sequence", () => {
  assertEquals(decoded("\x1b[12\x1b[Dz"), "left z");
  assertEquals(decoded("\x1b[12\rz"), "return z");
  assertEquals(decoded("\x1bO\x1b[Dz"), "left z");
  assertEquals(decoded("\x1b]0;title\x1b[Dz"), "left z");
  assertEquals(decoded("\x1b]0;title\x03z"), "C-c z");
  assertEquals(decoded("\x1b[M \x03z"), "C-c z");
  assertEquals(decoded("\x1b[1漢z"), "漢 z");
});

Deno.test("KeyDecoder takes an escape for the Esc key only where nothing follows it in time", () => {
  const decoder = new KeyDecoder();
  assertEquals(decoder.patience, undefined);
  assertEquals(decoder.push(bytesOf("\x1b")), []);
  assertEquals(decoder.patience, 500);
  assertEquals(shown(decoder.expire()), "escape");
  assertEquals(decoder.patience, undefined);
  assertEquals(shown(decoder.push(bytesOf("[D"))), "[ D");
  assertEquals(decoded("\x1b\x1b"), "M-escape");
});

Deno.test("KeyDecoder ends a sequence without its end after a second of silence", () => {
  for (
    const begun of ["\x1b[", "\x1b[1;5", "\x1bO", "\x1b]0;title", "\x1bPq", "\x1b_G", "\x1b^p", "\x1b[M !"]
  ) {
    const decoder = new KeyDecoder();
    decoder.push(bytesOf(begun));
    assertEquals([decoder.patience, decoder.expire()], [1000, []], JSON.stringify(begun));
    assertEquals(shown(decoder.push(bytesOf("x"))), "x", JSON.stringify(begun));
  }
});

Deno.test("KeyDecoder gives a paste as one text, exactly, and keys as keys", () => {
  const text = "one\rtwo\r\n\tthree 漢 e\u0301 👩‍👩‍👧 \x1b[31m[200~ \x1b[20 ~ \x03end\x1b";
  const decoder = new KeyDecoder();
  const bytes = new TextEncoder().encode(`a\x1b[200~${text}\x1b[201~b\x1b[200~\x1b[201~~`);
  assertEquals(decoder.push(bytes), [
    { name: "", text: "a" },
    { pasted: text.replace("\r\n", "\n").replace("\r", "\n") },
    { name: "", text: "b" },
    { pasted: "" },
    { name: "", text: "~" },
  ]);
});

Deno.test("KeyDecoder ends a paste without its end after a second of silence", () => {
  const decoder = new KeyDecoder();
  assertEquals(decoder.push(bytesOf("\x1b[200~hello\rwor")), []);
  assertEquals(decoder.patience, 1000);
  assertEquals(decoder.expire(), [{ pasted: "hello\nwor" }]);
  assertEquals(shown(decoder.push(bytesOf("ld\r\x1b[D"))), "l d return left");
});

Deno.test("KeyDecoder leaves out the half of an end that came", () => {
  const decoder = new KeyDecoder();
  decoder.push(bytesOf("\x1b[200~hello\x1b[20"));
  assertEquals(decoder.expire(), [{ pasted: "hello" }]);
});

Deno.test("KeyDecoder ends a paste without its end at Ctrl-C, however often it is pressed", () => {
  for (const [pressed, keys] of [["\x03", "C-c"], ["\x03\x03", "C-c C-c"]] as const) {
    const decoder = new KeyDecoder();
    decoder.push(bytesOf("\x1b[200~hello"));
    assertEquals([decoder.push(bytesOf(pressed)), decoder.patience], [[], 100]);
    assertEquals(shown(decoder.expire()), `{hello} ${keys}`);
    assertEquals(shown(decoder.push(bytesOf("x"))), "x");
  }
});

Deno.test("KeyDecoder takes a Ctrl-C inside a paste for a part of it, so that no paste can press keys", () => {
  assertEquals(decoded("\x1b[200~evil\x03", "/quit\r\x1b[201~x"), "{evil\x03/quit\n} x");
});

Deno.test("KeyDecoder gives a paste that is larger than it keeps in pieces, with nothing lost", () => {
  const decoder = new KeyDecoder();
  const piece = new TextEncoder().encode("漢字 and so on, ".repeat(1 << 16));
  const all: Typed[] = decoder.push(bytesOf("\x1b[200~"));
  for (let n = 0; n < 20; n++) all.push(...decoder.push(piece));
  all.push(...decoder.push(bytesOf("\x1b[201~z")));
  assertEquals(all.at(-1), { name: "", text: "z" });
  const text = all.flatMap((each) => "pasted" in each ? [each.pasted] : []);
  assertEquals(text.length, 2);
  assertEquals(text.join("") === "漢字 and so on, ".repeat(20 << 16), true);
});

Deno.test("the answer about the background is reported, however it ends, and any other is dropped", () => {
  for (const end of ["\x07", "\x1b\\", "\x9c"]) {
    assertEquals(decoded(`a\x1b]11;rgb:0000/2b2b/3636${end}b`), "a <dark> b");
    assertEquals(decoded(`\x1b]11;rgb:ffff/ffff/ffff${end}`), "<light>");
    assertEquals(decoded(`\x1b]11;teal${end}x\x1b]10;rgb:ffff/ffff/ffff${end}`), "x");
    assertEquals(decoded(`\x1b]11;rgb:ffff/ffff/ffff${"0".repeat(500)}${end}y`), "y");
  }
});

Deno.test("the rest of an answer that comes after a pause is not typed, wherever it was cut", () => {
  const answer = "11;rgb:0000/2b2b/3636";
  for (const end of ["\x07", "\x1b\\"]) {
    for (let cut = 0; cut <= answer.length; cut++) {
      const decoder = new KeyDecoder();
      decoder.push(bytesOf(`a\x1b]${answer.slice(0, cut)}`));
      assertEquals([decoder.patience, decoder.expire(), decoder.patience], [1000, [], undefined]);
      // The rest may come in pieces, too.
      const rest = `${answer.slice(cut)}${end}b`;
      const all = [...rest].flatMap((char) => decoder.push(bytesOf(char)));
      assertEquals(shown(all), "<dark> b", `${cut}`);
    }
  }
});

Deno.test("what a person types after half an answer is typed, if late by a tenth of a second", () => {
  const half = () => {
    const decoder = new KeyDecoder();
    decoder.push(bytesOf("\x1b]11;rgb:00"));
    decoder.expire();
    return decoder;
  };
  for (
    const [keys, want] of [["x", "x"], ["a/b\r", "a / b return"], ["\x07", "C-g"], [
      "00/c\x1b[D",
      "0 0 / c left",
    ]]
  ) {
    assertEquals(shown(half().push(bytesOf(keys!))), want);
  }
  const decoder = half();
  assertEquals([decoder.push(bytesOf("ad")), decoder.patience], [[], 100]);
  assertEquals([shown(decoder.expire()), decoder.patience], ["a d", undefined]);
  assertEquals(shown(decoder.push(bytesOf("d"))), "d", "after a key nothing is held");
  assertEquals(shown(half().push(bytesOf("f".repeat(500)))).length, 999);
});
