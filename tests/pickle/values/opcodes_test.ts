import { assertEquals } from "../../assert.ts";
import * as opcodes from "../../../lib/pickle/values/opcodes.ts";

const NAMED = Object.entries(opcodes).filter(([name, value]) =>
  typeof value === "number" && name !== "HIGHEST_PROTOCOL"
) as [string, number][];

Deno.test("opcodes names the 68 opcodes of CPython's pickletools, each once", () => {
  assertEquals(NAMED.length, 68);
  assertEquals(new Set(NAMED.map(([, opcode]) => opcode)).size, 68);
});

Deno.test("protocolOf knows each named opcode and no other byte", () => {
  const named = new Set(NAMED.map(([, opcode]) => opcode));
  for (let byte = 0; byte < 256; byte++) {
    assertEquals(opcodes.protocolOf(byte) <= opcodes.HIGHEST_PROTOCOL, named.has(byte), `byte ${byte}`);
  }
});

Deno.test("protocolOf has as many opcodes for each protocol as pickletools", () => {
  const counts = [0, 0, 0, 0, 0, 0];
  for (const [, opcode] of NAMED) counts[opcodes.protocolOf(opcode)]! += 1;
  assertEquals(counts, [22, 19, 12, 2, 10, 3]);
});
