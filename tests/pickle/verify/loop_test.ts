import { assert, assertEquals } from "../../assert.ts";
import { PickleError } from "../../../lib/pickle/values/errors.ts";
import * as opcodes from "../../../lib/pickle/values/opcodes.ts";
import { verify } from "../../../lib/pickle/verify/verify.ts";

Deno.test("the literals of verify's loop are the opcodes that stand behind them", () => {
  const source = Deno.readTextFileSync(new URL("../../../lib/pickle/verify/loop.ts", import.meta.url));
  const cases = [...source.matchAll(/case (0x[0-9a-f]+):(?: \{)? \/\/ ([A-Z0-9_]+)$/gm)];
  assertEquals(cases.length, source.match(/case 0x/g)?.length);
  const named: Record<string, number> = { ...opcodes } as never;
  for (const [, literal, name] of cases) assertEquals(Number(literal), named[name!], name!);
});

Deno.test("verify knows all opcodes but those that are never taken, and no other byte", () => {
  const refused = "PERSID BINPERSID EXT1 EXT2 EXT4 NEXT_BUFFER".split(" ");
  const known = Object.entries(opcodes).filter(([name, byte]) =>
    typeof byte === "number" && name !== "HIGHEST_PROTOCOL" && !refused.includes(name)
  ).map(([, byte]) => Number(byte));
  assertEquals(known.length, 68 - refused.length);
  for (let byte = 0; byte < 256; byte++) assertEquals(takes(byte), known.includes(byte), String(byte));
});

// What follows the opcode fits hardly any; it only must not be refused for itself.
function takes(byte: number): boolean {
  try {
    verify(Uint8Array.of(byte, 0x4e, 0x2e));
    return true;
  } catch (error) {
    assert(error instanceof PickleError);
    return error.code !== "unsupported" && !error.message.includes("there is no opcode");
  }
}
