import { isFor } from "../../scripts/release/base.ts";
import { TARGETS } from "../../scripts/release/targets.ts";
import { assert, assertEquals, assertFalse } from "../assert.ts";

/** The first bytes of a program, with values of some bytes at some places. */
function head(places: Readonly<Record<number, readonly number[]>>): Uint8Array {
  const bytes = new Uint8Array(256);
  for (const [offset, values] of Object.entries(places)) bytes.set(values, Number(offset));
  return bytes;
}

const HEADS = new Map([
  ["x86_64-unknown-linux-gnu", head({ 0: [0x7f, 0x45, 0x4c, 0x46], 0x12: [0x3e, 0] })],
  ["aarch64-unknown-linux-gnu", head({ 0: [0x7f, 0x45, 0x4c, 0x46], 0x12: [0xb7, 0] })],
  ["x86_64-apple-darwin", head({ 0: [0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1] })],
  ["aarch64-apple-darwin", head({ 0: [0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1] })],
  ["x86_64-pc-windows-msvc", head({ 0: [0x4d, 0x5a], 0x3c: [0x80], 0x80: [0x50, 0x45, 0, 0, 0x64, 0x86] })],
  ["aarch64-pc-windows-msvc", head({ 0: [0x4d, 0x5a], 0x3c: [0x80], 0x80: [0x50, 0x45, 0, 0, 0x64, 0xaa] })],
]);

Deno.test("a base is known by its header, for each target and no other", () => {
  assertEquals([...HEADS.keys()], TARGETS.map(({ name }) => name));
  for (const target of HEADS.keys()) {
    for (const [other, bytes] of HEADS) {
      assertEquals(isFor(target, bytes), target === other, `${target} ${other}`);
    }
  }
});

Deno.test("a cut file or a script is not a base", () => {
  for (const [target, bytes] of HEADS) {
    for (const length of [0, 1, 3, 4, 5, 0x12, 0x13]) {
      if (length < 8 || !target.includes("darwin")) assertFalse(isFor(target, bytes.subarray(0, length)));
    }
    assertFalse(isFor(target, new TextEncoder().encode("#!/bin/sh\n")));
  }
});

Deno.test("this Deno is a program for this machine", async () => {
  using file = await Deno.open(await Deno.realPath(Deno.execPath()));
  const bytes = new Uint8Array(4096);
  await file.read(bytes);
  assert(isFor(Deno.build.target, bytes));
});
