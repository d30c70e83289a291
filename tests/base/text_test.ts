import { clean, cleanJson, nameKey, normalizeName } from "../../lib/base/text.ts";
import { assert, assertEquals, assertStrictEquals } from "../assert.ts";
import { randomOf } from "../random.ts";

/** What a terminal obeys or hides: nothing of it may be left, whatever the text was. */
const DANGEROUS =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/u;

Deno.test("clean shows each known attack on a terminal as text", async (t) => {
  const attacks: [string, string, string][] = [
    ["a new title", "\x1b]0;root@bank\x07", String.raw`\x1b]0;root@bank\x07`],
    ["a new title by C1", "\x9d0;root\x9c", String.raw`\x9d0;root\x9c`],
    ["the clipboard by OSC 52", "\x1b]52;c;cm0gLXJmIC8=\x07", String.raw`\x1b]52;c;cm0gLXJmIC8=\x07`],
    ["a link by OSC 8", "\x1b]8;;http://e.x\x1b\\hi", String.raw`\x1b]8;;http://e.x\x1b\hi`],
    ["a cleared screen", "\x1b[2J\x1b[H", String.raw`\x1b[2J\x1b[H`],
    ["a cleared screen by C1", "\x9b2J", String.raw`\x9b2J`],
    ["a reset", "\x1bc", String.raw`\x1bc`],
    ["the alternate screen", "\x1b[?1049h", String.raw`\x1b[?1049h`],
    ["an answer back", "\x1b[6n\x05", String.raw`\x1b[6n\x05`],
    ["the end of a bracketed paste", "\x1b[201~rm", String.raw`\x1b[201~rm`],
    ["a line drawn over", "hi\ralice: yes", String.raw`hi\ralice: yes`],
    ["a forged line", "hi\nalice: I agree", String.raw`hi\nalice: I agree`],
    ["a forged line by CRLF", "hi\r\nalice: yes", String.raw`hi\r\nalice: yes`],
    ["line separators", "a\x85b\u2028c\u2029d\x0be\x0cf", String.raw`a\x85b\u2028c\u2029d\x0be\x0cf`],
    ["rubbed out letters", "good\b\b\b\bevil\x7f", String.raw`good\x08\x08\x08\x08evil\x7f`],
    ["a bell, a NUL, a tab", "\x07\0\t", String.raw`\x07\x00\t`],
    ["a right-to-left override", "exe.\u202egpj", String.raw`exe.\u202egpj`],
    ["an isolate that is not closed", "\u2067alice\u2068", String.raw`\u2067alice\u2068`],
    ["directional marks", "a\u200eb\u200fc\u061c", String.raw`a\u200eb\u200fc\u061c`],
    ["zero-width characters", "a\u200bl\u2060i\ufeffce", String.raw`a\u200bl\u2060i\ufeffce`],
    ["joiners among Latin letters", "al\u200dic\u200ce", String.raw`al\u200dic\u200ce`],
    ["a soft hyphen", "al\xadice", String.raw`al\xadice`],
    ["an invisible letter", "\u3164\uffa0\u115f", String.raw`\u3164\uffa0\u115f`],
    ["text hidden in tags", "hi\u{e0068}\u{e0069}", String.raw`hi\U000e0068\U000e0069`],
    [
      "text hidden in tags behind a flag",
      "🏴\u{e0068}\u{e0069}\u{e007f}",
      "🏴" + String.raw`\U000e0068\U000e0069\U000e007f`,
    ],
    ["bytes hidden in selectors", "😀\u{e0101}\u{e0155}", "😀" + String.raw`\U000e0101\U000e0155`],
    ["selectors in a row", "❤\ufe0f\ufe0f", "❤\ufe0f" + String.raw`\ufe0f`],
    ["annotations", "\ufff9a\ufffab\ufffb", String.raw`\ufff9a\ufffab\ufffb`],
    ["lone surrogates", "\ud83d \ude00", String.raw`\ud83d \ude00`],
    ["private and unassigned code points", "\ue000\u{10ffff}\u0378", String.raw`\ue000\U0010ffff\u0378`],
    ["a mark on what stands before the text", "\u0338hi", String.raw`\u0338hi`],
    ["a mark on a mark of ours", "\x1b\u0301", String.raw`\x1b\u0301`],
    ["Hangul vowels without a syllable", "a\u1161\u1161", String.raw`a\u1161\u1161`],
  ];
  for (const [what, attack, seen] of attacks) {
    await t.step(what, () => assertEquals(clean(attack), seen));
  }
});

Deno.test("clean returns ordinary text as the same string", async (t) => {
  const texts: [string, string][] = [
    ["nothing", ""],
    ["ASCII", "hi, C:\\new ~ {1: 'hi'} `x`"],
    ["letters with accents in one or two code points", "é e\u0301 ệ e\u0323\u0302"],
    ["Chinese, Japanese, Korean", "漢字 かな が か\u3099 한글 \u3000。"],
    ["Hangul in single letters, as some file names have it", "한글".normalize("NFD")],
    ["Thai, Tibetan, Burmese", "ที่นี่ བོད་སྐད། မြန်မာ"],
    ["Hebrew with points, Arabic with vowels", "שָׁלוֹם السَّلامُ"],
    ["Persian with its joiner", "می‌خواهم خانه‌ها"],
    ["Hindi, Bengali, Sinhala with theirs", "क्‍ष र‍्य ක්‍ය"],
    ["an ideograph with its variant", "葛\u{e0100}"],
    ["plain emoji and flags", "😀 👍🏽 🇩🇪 ©"],
    ["families, couples, professions", "👩‍👩‍👧 👩🏽‍❤️‍💋‍👩🏽 🏳️‍🌈 👨🏻‍💻"],
    ["signs shown as pictures or as text", "❤️ ☎︎"],
    ["keycaps", "1️⃣ #️⃣"],
    ["the flags that are made of tags", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"],
  ];
  for (const [what, text] of texts) {
    await t.step(what, () => assertStrictEquals(clean(text), text));
  }
});

Deno.test("clean draws at most six marks on a letter", () => {
  for (const base of ["e", "漢", "😀", "ע"]) {
    const six = base + "\u0301".repeat(6);
    assertStrictEquals(clean(six), six);
    assertEquals(clean(six + "\u0301"), six + String.raw`\u0301…`);
    assertEquals(clean(six + "\u0302".repeat(1000) + "x"), six + String.raw`\u0302…x`);
  }
  const joined = "क" + "\u094d\u200d".repeat(500);
  assert(clean(joined).length < 20, "joiners are counted with the marks");
});

Deno.test("clean joins at most eight pictographs", () => {
  const eight = Array(8).fill("👩").join("\u200d");
  assertStrictEquals(clean(eight), eight);
  assertEquals(clean(eight + "\u200d👩"), eight + String.raw`\u200d` + "👩");
});

Deno.test("clean keeps newlines where a text may have several lines", () => {
  const options = { newlines: true };
  assertEquals(clean("a\n\tb\r\nc\rd\n", options), "a\n    b\nc\\rd\n");
  assertEquals(clean("a\n\u0338b\x85c\u2028d", options), "a\n" + String.raw`\u0338b\x85c\u2028d`);
});

Deno.test("clean leaves no character that a terminal obeys, in a text of any length", () => {
  const random = randomOf(5);
  const pieces = [
    "a",
    "\x1b[2J",
    "\u200d",
    "\u0301",
    "👩",
    "\ufe0f",
    "\r\n",
    "\ud83d",
    "\ude00",
    "\u202e",
    "म",
    "क",
  ];
  for (let round = 0; round < 2000; round++) {
    let text = "";
    for (let n = random(12); n >= 0; n--) {
      text += random(3) > 0 ? pieces[random(pieces.length)] : String.fromCodePoint(random(0x110000));
    }
    const cleaned = clean(text);
    assert(!DANGEROUS.test(cleaned), `${JSON.stringify(text)} became ${JSON.stringify(cleaned)}`);
    assertStrictEquals(clean(cleaned), cleaned, `${JSON.stringify(text)} is cleaned twice`);
  }
  for (const piece of ["\x1b", "\u0301", "\u200d", "👩\u200d", "\u1161"]) {
    assert(clean("e" + piece.repeat(300_000)).length > 1);
  }
});

Deno.test("cleanJson keeps the value and leaves no character that a terminal obeys", () => {
  const value = { "k\x7f": "\x9b2J\u202e\u200b\u2028 é 漢 😀\u{e0101} \ud800" };
  const line = cleanJson(JSON.stringify(value));
  assert(!DANGEROUS.test(line));
  assertEquals(JSON.parse(line), value);
  assertEquals(line.includes("é 漢 😀"), true);
  const plain = `{"body":"hi"}`;
  assertStrictEquals(cleanJson(plain), plain);
});

Deno.test("normalizeName takes 1 to 32 visible characters", () => {
  assertEquals(normalizeName(""), null);
  for (const letter of ["a", "漢", "😀", "e\u0323\u0302"]) {
    assertEquals(normalizeName(letter.repeat(32)), letter.normalize("NFKC").repeat(32));
    assertEquals(normalizeName(letter.repeat(33)), null);
  }
  assertEquals(normalizeName("x".repeat(1_000_000)), null);
});

Deno.test("normalizeName gives the same form for equal names", () => {
  for (const name of ["alice", "Zoé", "шура", "guest-12", "42", "שלום", "ﬁ"]) {
    const normal = normalizeName(name);
    assertEquals(normal, name.normalize("NFKC"));
    assertEquals(normalizeName(normal ?? ""), normal);
  }
  assertEquals(normalizeName("Ａlice"), "Alice");
  assertEquals(normalizeName("Zoe\u0301"), "Zoé");
});

Deno.test("normalizeName refuses invisible characters", () => {
  const unseen = [
    "\x00",
    "\n",
    "\x1b",
    "\x7f",
    "\x9b",
    "\u200b",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u202e",
    "\u2067",
  ];
  const blank = [
    " ",
    "\t",
    "\xa0",
    "\u3000",
    "\u2003",
    "\u2028",
    "\u3164",
    "\uffa0",
    "\u2800",
    "\u1161",
    "\u{1d159}",
  ];
  const rest = ["\xad", "\u034f", "\ufe0f", "\u{e0041}", "\ud800", "\ue000", "\u0378"];
  for (const character of [...unseen, ...blank, ...rest]) {
    for (const name of [character, `al${character}ice`, `alice${character}`, `${character}alice`]) {
      assertEquals(normalizeName(name), null, JSON.stringify(name));
    }
  }
  assertEquals(normalizeName("\u0301alice"), null);
  assertEquals(normalizeName("x" + "\u0334".repeat(7)), null);
});

Deno.test("nameKey is equal for names that differ in case or form", () => {
  assertEquals(nameKey("ALICE"), "alice");
  assertEquals(nameKey("Ａlice"), nameKey("alice"));
  assertEquals(nameKey("ÉVA"), nameKey("e\u0301va"));
  assert(nameKey("alice") !== nameKey("alicé"));
});
