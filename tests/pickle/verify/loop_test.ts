import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { PickleError } from "../../../lib/pickle/values/errors.ts";
import * as opcodes from "../../../lib/pickle/values/opcodes.ts";
import { verify } from "../../../lib/pickle/verify/verify.ts";
import { little, pickleOf } from "../bytes.ts";

Deno.test("the literals of verify's loop are the opcodes that stand behind them", () => {
  const source = Deno.readTextFileSync(new URL("../../../lib/pickle/verify/loop.ts", import.meta.url));
  const cases = [...source.matchAll(/case (0x[0-9a-f]+):(?: \{)? \/\/ ([A-Z0-9_]+)$/gm)];
  assertEquals(cases.length, source.match(/case 0x/g)?.length);
  const named: Record<string, number> = { ...opcodes } as never;
  for (const [, literal, name] of cases) assertEquals(Number(literal), named[name!], name!);
});

Deno.test("verify knows all opcodes except those that are always refused, and no other byte", () => {
  const refused = "PERSID BINPERSID EXT1 EXT2 EXT4 NEXT_BUFFER".split(" ");
  const known = Object.entries(opcodes).filter(([name, byte]) =>
    typeof byte === "number" && name !== "HIGHEST_PROTOCOL" && !refused.includes(name)
  ).map(([, byte]) => Number(byte));
  assertEquals(known.length, 68 - refused.length);
  for (let byte = 0; byte < 256; byte++) assertEquals(takes(byte), known.includes(byte), String(byte));
});

Deno.test("verify takes rows of numbers of each length, and none that the frame or the pickle cuts", () => {
  for (const [opcode, size] of [["K", 1], ["M", 2], ["J", 4], ["G", 8]] as const) {
    const number = opcode + "\x01".repeat(size);
    for (const count of [1, 2, 3, 4095, 4096, 4097, 20_000]) {
      const numbers = number.repeat(count);
      const whole = pickleOf("\x80\x04", framed("](" + numbers), "e.");
      assertEquals(verify(whole).end, whole.length, `${opcode} ${count}`);
      assertEquals(
        codeOf(pickleOf("\x80\x04", framed("](" + numbers.slice(0, -1)), numbers.slice(-1), "e.")),
        "bad-frame",
      );
      assertEquals(codeOf(pickleOf("\x80\x04](", numbers.slice(0, -1))), "truncated");
      assertEquals(codeOf(pickleOf("\x80\x04](", numbers)), "truncated");
    }
  }
});

Deno.test("verify knows nothing of the memo of the pickle before", () => {
  verify(pickleOf("](", "K\x01\x94".repeat(300), "e."));
  assertEquals(codeOf(pickleOf("h\x00.")), "bad-memo");
  assertEquals(codeOf(pickleOf("Nq\x010h\x00.")), "bad-memo");
  assertEquals(codeOf(pickleOf("Nq\x000Nq\x050h\x03.")), "bad-memo");
  assertEquals(codeOf(pickleOf("Nq\x000Nq\x050h\x06.")), "bad-memo");
  assertEquals(verify(pickleOf("Nq\x000Nq\x050Nq\x030h\x03.")).end, 15);
  // MEMOIZE numbers by the count of entries, also where a PUT has left some out.
  assertEquals(codeOf(pickleOf("Nq\x050N\x940h\x02.")), "bad-memo");
  assertEquals(verify(pickleOf("Nq\x050N\x940h\x01.")).end, 10);
});

function framed(content: string): Uint8Array {
  return pickleOf("\x95", little(content.length, 8), content);
}

function codeOf(bytes: Uint8Array): string {
  return assertThrows(() => verify(bytes), PickleError).code;
}

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
