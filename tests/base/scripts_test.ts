import { mixesScripts } from "../../lib/base/scripts.ts";
import { assertEquals } from "../assert.ts";

Deno.test("names of one script, and of those that are written together, mix no scripts", () => {
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

Deno.test("names that mix scripts which are not written together are told from others", () => {
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
