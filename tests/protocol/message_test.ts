import {
  BYE_CODES,
  ERROR_CODES,
  FROM_LISTENER,
  FROM_PEER,
  isRef,
  listenerDict,
  MAX_REF_LENGTH,
  nameOrQuote,
  peerDict,
  readListenerMessage,
  readPeerMessage,
  Refusal,
} from "../../lib/protocol/message.ts";
import { Float, type Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertFalse, assertInstanceOf, assertThrows } from "../assert.ts";

const dict = (fields: Record<string, Value>) => new Map<Value, Value>(Object.entries(fields));

Deno.test("readPeerMessage takes every type with its required keys, and refuses it without any one of them", () => {
  const samples: Record<string, Value> = { str: "x", int: 1, bool: true, ints: new Map(), any: null };
  for (const [type, shape] of Object.entries(FROM_PEER)) {
    const all = dict({ type });
    for (const [key, kind] of Object.entries(shape)) all.set(key, samples[kind.replace("?", "")]!);
    assertEquals(readPeerMessage(all).type, type);
    for (const [key, kind] of Object.entries(shape)) {
      const without = new Map(all);
      without.delete(key);
      if (kind.endsWith("?")) readPeerMessage(without);
      else assertThrows(() => readPeerMessage(without), Refusal, `the key ${key} is missing`);
    }
  }
});

Deno.test("readPeerMessage refuses a key of another type or value, by name", () => {
  for (
    const [message, text] of [
      [dict({ type: "nick", nick: 5 }), "the key nick must hold a str"],
      [dict({ type: "hello", echo: 1 }), "the key echo must hold a bool"],
      [dict({ type: "hello", replay: new Float(5) }), "the key replay must hold an int"],
      [dict({ type: "hello", replay: 5n ** 40n }), "the key replay must hold an int"],
      [
        dict({ type: "hello", resume: dict({ lobby: "5" }) }),
        "the key resume must hold a dict of str to int",
      ],
      [dict({ type: "ping", ref: [1] }), "the key ref must hold an int or a str"],
    ] as const
  ) assertEquals(assertThrows(() => readPeerMessage(message), Refusal, text).code, "bad-message");
});

Deno.test("readPeerMessage finds no type among the names that every object has", () => {
  for (const type of ["constructor", "__proto__", "toString", "welcome"]) {
    assertEquals(assertThrows(() => readPeerMessage(dict({ type })), Refusal).code, "unknown-type");
  }
});

Deno.test("a ref is an int, or a str up to its limit", () => {
  assert(isRef(0) && isRef(-5) && isRef("") && isRef("x".repeat(MAX_REF_LENGTH)));
  for (const value of ["x".repeat(MAX_REF_LENGTH + 1), 1.5, new Float(1), null, undefined, 2n ** 70n, [1]]) {
    assertFalse(isRef(value));
  }
});

Deno.test("a connector reads the messages that a listener writes, and whole seconds stay a float", () => {
  const ack = { type: "ack", id: 3, at: 5, ref: "r" } as const;
  assertInstanceOf(listenerDict(ack).get("at"), Float);
  assertEquals(readListenerMessage(listenerDict(ack)), ack);
  assertEquals(readListenerMessage(listenerDict({ ...ack, at: 5.5, ref: undefined })), {
    type: "ack",
    id: 3,
    at: 5.5,
  });
});

Deno.test("a message of an unknown type is an object to a connector", () => {
  assertEquals(readListenerMessage(dict({ type: "constructor" })), null);
  assertEquals(readListenerMessage(dict({ type: "news" })), null);
});

Deno.test("peerDict leaves out what is undefined", () => {
  assertEquals(
    peerDict({ type: "hello", nick: "ann", room: undefined }),
    dict({ type: "hello", nick: "ann" }),
  );
});

Deno.test("docs/protocol.md names every type and every code", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/protocol.md", import.meta.url));
  for (const code of [...ERROR_CODES, ...Object.keys(BYE_CODES)]) assert(text.includes(code), code);
  for (const type of Object.keys(FROM_LISTENER)) {
    assert(text.includes(type), type);
  }
});

Deno.test("an error shows a valid name unchanged, and quotes any other text", () => {
  assertEquals(["bob", "c#", "漢字", "x".repeat(32)].map(nameOrQuote), ["bob", "c#", "漢字", "x".repeat(32)]);
  assertEquals(["", "a b", "a\x1b", "\u202e"].map(nameOrQuote), ['""', '"a b"', '"a\\u001b"', '"\u202e"']);
  assertEquals(nameOrQuote("x".repeat(33)), `"${"x".repeat(33)}"`);
});
