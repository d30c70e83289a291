import { assert, assertEquals, assertGreater, assertThrows } from "../../assert.ts";
import { PickleError } from "../../../lib/pickle/values/errors.ts";
import { Verification, verify } from "../../../lib/pickle/verify/verify.ts";
import type { Verified } from "../../../lib/pickle/verify/verified.ts";
import { randomOf } from "../../random.ts";
import { little, pickleOf } from "../bytes.ts";
import { ProgramMaker } from "../programs.ts";
import { samples } from "../vectors.ts";

/** Verifies in slices, as short as they can be, and tells how many there were. */
function sliced(bytes: Uint8Array): { verified: Verified; slices: number } {
  const verification = new Verification(bytes);
  for (let slices = 1;; slices++) {
    const verified = verification.step(() => false);
    if (verified !== undefined) return { verified, slices };
    assert(slices < bytes.length + 10, "it ends");
  }
}

function answerOf(call: () => Verified): unknown {
  try {
    const { end, protocol, names, proto5, top, entries, more } = call();
    return { end, protocol, names, proto5, top, entries, more };
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    return error.message;
  }
}

const ints = (count: number): Uint8Array =>
  pickleOf(...Array.from({ length: count }, (_, i) => pickleOf("J", little(i, 4))));
const LONG: Record<string, Uint8Array> = {
  "a list": pickleOf("](", ints(20_000), "e."),
  "a set": pickleOf("\x8f(", ints(20_000), "\x90."),
  "a thousand dicts": pickleOf(
    "](",
    ...Array.from({ length: 1000 }, () => pickleOf("}(", ints(40), "u")),
    "e.",
  ),
  "a message whose dict is not the first": pickleOf("}0}(Vtype\nVmessage\nVbody\n](", ints(20_000), "eu."),
  "marks": pickleOf("(".repeat(40_000), "0".repeat(40_000), "N."),
};

for (const [what, bytes] of Object.entries(LONG)) {
  Deno.test(`a verification in slices ends as verify does for ${what}, after more than one`, () => {
    const { verified, slices } = sliced(bytes);
    assertGreater(slices, 4);
    assertEquals(answerOf(() => verified), answerOf(() => verify(bytes)));
  });
}

Deno.test("a verification in slices refuses what verify refuses, with the same words", () => {
  const random = randomOf(11);
  const maker = new ProgramMaker(random);
  const pickles = samples().map(({ bytes }) => bytes).filter(({ length }) => length < 5000);
  for (let i = 0; i < 3000; i++) {
    const bytes = i % 2 === 0 ? maker.make(1 + random(30)) : pickles[random(pickles.length)]!;
    assertEquals(answerOf(() => sliced(bytes).verified), answerOf(() => verify(bytes)));
  }
});

Deno.test("a frame's end in a slice does not change what is refused", () => {
  const frame = (size: number) => pickleOf("\x95", little(size, 8));
  for (const short of [0, 1, 4]) {
    const bytes = pickleOf("\x80\x04", frame(50_001 - short), "](", ints(10_000), "e.");
    assertEquals(answerOf(() => sliced(bytes).verified), answerOf(() => verify(bytes)));
  }
});

Deno.test("verifications take turns with each other and with verify", () => {
  const all = Object.values(LONG).map((bytes) => ({
    bytes,
    verification: new Verification(bytes),
    done: false,
  }));
  while (all.some(({ done }) => !done)) {
    for (const each of all) {
      const verified = each.verification.step(() => false);
      verify(pickleOf("}(Vtype\nVping\nu."));
      if (verified === undefined) continue;
      each.done = true;
      assertEquals(answerOf(() => verified), answerOf(() => verify(each.bytes)));
    }
  }
});

Deno.test("a verification that has refused or ended stays as it is", () => {
  const refused = new Verification(pickleOf("cos\nsystem\n."));
  assertThrows(() => refused.step(() => true), PickleError);
  const taken = new Verification(pickleOf("N."));
  assertEquals(taken.step(() => true)?.end, 2);
  assertEquals(taken.step(() => true)?.end, 2);
});
