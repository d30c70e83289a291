import { mixesScripts } from "../../lib/base/scripts.ts";
import { assertEquals } from "../assert.ts";

Deno.test("a name in one script, or in scripts that are written together, does not mix scripts", () => {
  const names = [
    "alice",
    "Zoé-2",
    "naïve_❤️",
    "алиса",
    "Ελένη",
    "دینا۱",
    "שרה",
    "สมชาย",
    "प्रिया",
    "東京",
    "さくらカナ漢字",
    "ABCさくら漢",
    "한글漢字",
    "Kim한글",
    "ㄅㄆ漢",
    "42",
    "🎉",
    "Ж-42!",
    "ー",
  ];
  assertEquals(names.filter(mixesScripts), []);
});

Deno.test("a name in scripts that are not written together mixes scripts", () => {
  const names = [
    "p\u0430ul", // Cyrillic a
    "\u0410lice", // Cyrillic A
    "Al\u03b9ce", // Greek iota
    "αлфа",
    "한글さ",
    "ㄅ한",
    "ㄅさ",
    "東京Ж",
    "aשרה",
    "สมa",
  ];
  assertEquals(names.filter((name) => !mixesScripts(name)), []);
});
