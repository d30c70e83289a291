import { assertEquals } from "../assert.ts";
import * as opcodes from "../../lib/pickle/opcodes.ts";

Deno.test("the literals of the verifier's switch are the opcodes that stand behind them", () => {
  const source = Deno.readTextFileSync(new URL("../../lib/pickle/verifier.ts", import.meta.url));
  const cases = [...source.matchAll(/case (0x[0-9a-f]+):(?: \{)? \/\/ ([A-Z0-9_]+)$/gm)];
  assertEquals(cases.length, source.match(/case 0x/g)?.length);
  const named: Record<string, number> = { ...opcodes } as never;
  for (const [, literal, name] of cases) assertEquals(Number(literal), named[name!], name!);
  // PERSID, BINPERSID, EXT1, EXT2, EXT4 and NEXT_BUFFER have no case: they are refused.
  assertEquals(new Set(cases.map(([, , name]) => name)).size, 68 - 6);
});
