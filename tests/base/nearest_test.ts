import { nearest } from "../../lib/base/nearest.ts";
import { assertEquals } from "../assert.ts";

const WORDS = ["serve", "connect", "send", "stats", "plain-screen", "who"];

Deno.test("nearest finds a word with a letter left out, added, changed or swapped", () => {
  for (const typed of ["conect", "connnect", "cannect", "connetc", "CONNECT", "connect"]) {
    assertEquals(nearest(typed, WORDS), "connect");
  }
  assertEquals(nearest("hwo", WORDS), "who");
});

Deno.test("nearest finds a word by its beginning", () => {
  assertEquals(nearest("plain", WORDS), "plain-screen");
  assertEquals(nearest("st", WORDS), "stats");
});

Deno.test("nearest finds nothing where nothing is near", () => {
  for (const typed of ["", "x", "xyzzy", "sxxxx", "c".repeat(1_000_000)]) {
    assertEquals(nearest(typed, WORDS), undefined);
  }
  assertEquals(nearest("serve", []), undefined);
});

Deno.test("nearest takes the first of equally near words", () => {
  assertEquals(nearest("bat", ["cat", "hat"]), "cat");
});
