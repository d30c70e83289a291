import { assertEquals } from "../assert.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { type Envelope, envelopeLength, type Stamp, writeEnvelope } from "../../lib/pickle/stamp.ts";
import { Float, type Value } from "../../lib/pickle/values/values.ts";
import { verify } from "../../lib/pickle/verify/verify.ts";
import { little, pickleOf } from "./bytes.ts";

const STAMP: Stamp = { id: 7, room: "lobby", from: "alice", at: 1.5 };

function spliced(bytes: Uint8Array, plain: boolean, stamp = STAMP): Uint8Array {
  const envelope: Envelope = { bytes, verified: verify(bytes), stamp, plain };
  const target = new Uint8Array(envelopeLength(envelope) + 20).fill(0xaa);
  const end = writeEnvelope(target, 10, envelope);
  assertEquals(end, target.length - 10);
  assertEquals(target.subarray(end).every((byte) => byte === 0xaa), true);
  assertEquals(target.subarray(0, 10).every((byte) => byte === 0xaa), true);
  return target.slice(10, end);
}

function shown(bytes: Uint8Array, plain: boolean, stamp?: Stamp): Record<string, Value> {
  return Object.fromEntries(decode(spliced(bytes, plain, stamp)) as Map<string, Value>);
}

const OURS = { id: 7, room: "lobby", from: "alice", at: 1.5 };

Deno.test("writeEnvelope adds the stamp to a message of every protocol", () => {
  for (const protocol of [0, 1, 2, 3, 4, 5] as const) {
    const bytes = encode(new Map<Value, Value>([["type", "message"], ["body", [1, "two"]], ["ref", 3]]), {
      protocol,
    });
    assertEquals(shown(bytes, false), { type: "message", body: [1, "two"], ref: 3, ...OURS });
    assertEquals(verify(spliced(bytes, false)).entries?.length, 7);
  }
});

Deno.test("writeEnvelope makes a plain object of every protocol the body of a message", () => {
  for (const protocol of [0, 1, 2, 3, 4, 5] as const) {
    for (
      const value of [
        "hi",
        5,
        null,
        [1, [2]],
        new Map([["a", 1]]),
        new Set([1]),
        new Uint8Array(3),
      ] as Value[]
    ) {
      const bytes = encode(value, { protocol });
      assertEquals(shown(bytes, true), { body: value, type: "message", ...OURS });
    }
  }
});

Deno.test("writeEnvelope overrides keys of the same name, and keeps those that the stamp does not set", () => {
  const forged = pickleOf(
    "}(\x8c\x02idK\x01\x8c\x04from\x8c\x03evi\x8c\x04type\x8c\x04ping\x8c\x02atN\x8c\x04roomNu.",
  );
  assertEquals(shown(forged, false), { type: "ping", ...OURS });
  assertEquals(shown(forged, false, { from: "bob" }), {
    id: 1,
    from: "bob",
    type: "ping",
    at: null,
    room: null,
  });
  assertEquals(shown(forged, false, {}), { id: 1, from: "evi", type: "ping", at: null, room: null });
});

Deno.test("writeEnvelope omits the padding after STOP", () => {
  assertEquals(spliced(pickleOf("}.", new Uint8Array(14)), false, {}), pickleOf("}(u."));
});

Deno.test("writeEnvelope writes ids of every width", () => {
  for (const id of [0, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    assertEquals(shown(pickleOf("}."), false, { id }), { id });
  }
});

Deno.test("writeEnvelope writes texts of every kind and length, and whole seconds as a float", () => {
  for (
    const room of [
      "",
      "a",
      "é",
      "日本",
      "😀",
      "x".repeat(255),
      "é".repeat(127) + "x",
      "é".repeat(128),
      "x".repeat(300),
      "a😀é".repeat(99),
    ]
  ) {
    assertEquals(shown(pickleOf("}."), false, { room }), { room });
  }
  assertEquals(shown(pickleOf("}."), false, { at: 3 }), { at: new Float(3) });
});

Deno.test("writeEnvelope changes PROTO 5 to 4 where no opcode needs 5", () => {
  assertEquals(spliced(pickleOf("\x80\x05}\x80\x05."), false, {}), pickleOf("\x80\x04}\x80\x04(u."));
  const needs = pickleOf("\x80\x05\x96\0\0\0\0\0\0\0\0.");
  assertEquals(spliced(needs, true, {})[11], 5);
  // A 5 that is no PROTO stays.
  assertEquals(spliced(pickleOf("\x80\x05}K\x05K\x80s."), false, {}), pickleOf("\x80\x04}K\x05K\x80s(u."));
});

Deno.test("writeEnvelope shields a pickle without PROTO from the PROTO of the envelope", () => {
  const legacy = pickleOf("c__builtin__\nset\n((lp0\nI1\natR.");
  assertEquals(shown(legacy, true, {}), { body: new Set([1]), type: "message" });
  verify(spliced(legacy, true));
});

Deno.test("writeEnvelope keeps the sender's frames right, whether they hold STOP or end before it", () => {
  for (const size of [2, 3]) {
    const bytes = pickleOf("\x80\x04\x95", little(size, 8), "}\x94.");
    verify(bytes);
    verify(spliced(bytes, false));
    verify(spliced(bytes, true));
  }
});
