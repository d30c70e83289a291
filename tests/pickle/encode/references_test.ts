import { assertEquals, assertStrictEquals, assertThrows } from "../../assert.ts";
import {
  ByteArray,
  decode,
  encode,
  type EncodeOptions,
  Global,
  NDArray,
  parse,
  PickleError,
  Tuple,
  type Value,
} from "../../../lib/pickle/mod.ts";
import { pickleOf } from "../bytes.ts";

const PROTOCOLS = [0, 1, 2, 3, 4, 5] as const;

Deno.test("encode refers to objects with a persistent id, and decode finds them again", () => {
  const table = new Map<Value, Value>([["rows", 5]]);
  const persistentId = (object: object) => object === table ? "users" : undefined;
  for (const protocol of PROTOCOLS) {
    const bytes = encode([1, table, { inside: table }], { protocol, persistentId });
    const ids: Value[] = [];
    const found = decode(bytes, {
      persistentId: (id) => {
        ids.push(id);
        return table;
      },
    });
    assertEquals(ids, ["users", "users"]);
    assertEquals(found, [1, table, new Map([["inside", table]])]);
  }
  assertEquals(encode(table, { protocol: 0, persistentId }), pickleOf("Pusers\n."));
  assertEquals(encode(table, { protocol: 1, persistentId }), pickleOf("X", 5, 0, 0, 0, "usersQ."));
});

Deno.test("encode writes a persistent id that is an object, without a persistent id for the id", () => {
  const tensor = new Map();
  const id = new Tuple(["storage", 5, new Tuple([1])]);
  const asked: object[] = [];
  const persistentId = (object: object) => {
    asked.push(object);
    return object === tensor ? id : undefined;
  };
  const bytes = encode([tensor, tensor], { persistentId });
  const ids: Value[] = [];
  decode(bytes, { persistentId: (found) => (ids.push(found), null) });
  assertEquals(ids, [id, id]);
  assertEquals(asked.includes(id), false);
});

Deno.test("encode refuses a persistent id that is not a line of protocol 0", () => {
  const of = (id: unknown) => () => encode([], { protocol: 0, persistentId: () => id as string });
  for (const id of ["a\nb", "é", [1], null]) {
    assertEquals(assertThrows(of(id), PickleError).code, "unsupported");
  }
  assertEquals(of(7)(), pickleOf("P7\n."));
});

Deno.test("encode writes extension codes from protocol 2 on", () => {
  const point = new Global("shapes", "Point");
  const codes: [number, string][] = [[1, "\x82\x01"], [0xff, "\x82\xff"], [0x100, "\x83\0\x01"], [
    0x10000,
    "\x84\0\0\x01\0",
  ], [2 ** 31 - 1, "\x84\xff\xff\xff\x7f"]];
  for (const [code, opcodes] of codes) {
    const extension = ({ name }: Global) => name === "Point" ? code : undefined;
    const bytes = encode(point, { protocol: 2, extension });
    assertEquals(bytes, pickleOf("\x80\x02", opcodes, "."));
    assertEquals(decode(bytes, { extension: (found) => found === code ? point : undefined }), point);
    assertEquals(encode(point, { protocol: 1, extension }), encode(point, { protocol: 1 }));
    const other = new Global("shapes", "Line");
    assertEquals(encode(other, { extension }), encode(other));
  }
  for (const code of [0, -1, 1.5, 2 ** 31]) {
    assertEquals(
      assertThrows(() => encode(point, { extension: () => code }), PickleError).code,
      "unsupported",
    );
  }
});

Deno.test("encode omits buffers taken out of band, and decode puts them in their place", () => {
  const [text, array] = [Uint8Array.of(1, 2), new ByteArray(Uint8Array.of(3))];
  const buffers: Uint8Array[] = [];
  const takeBuffer = (buffer: Uint8Array | ByteArray) => {
    if (buffer === text) return buffers.push(text) > 0;
    return buffer === array && buffers.push(array.bytes) > 0;
  };
  const value = [text, array, Uint8Array.of(1, 2), text];
  const bytes = encode(value, { protocol: 5, takeBuffer });
  assertEquals(buffers, [text, array.bytes]);
  const again = decode(bytes, { buffers }) as Value[];
  assertEquals(again, value);
  assertStrictEquals((again[0] as Uint8Array).buffer, text.buffer);
  assertStrictEquals((again[1] as ByteArray).bytes.buffer, array.bytes.buffer);
  assertEquals(encode(value, { protocol: 4, takeBuffer: () => true }), encode(value, { protocol: 4 }));
});

Deno.test("encode lets the bytes of an array of numpy be taken out of band", () => {
  const { shape, dtype, fortran, data } = parse("array([1, 2, 3])") as NDArray;
  const array = new NDArray(shape, dtype, fortran, data, "frombuffer");
  const taken: (Uint8Array | ByteArray)[] = [];
  const takeBuffer = (buffer: Uint8Array | ByteArray) =>
    buffer instanceof ByteArray && taken.push(buffer) > 0;
  const bytes = encode(array, { protocol: 5, takeBuffer });
  assertEquals(taken, [new ByteArray(data as Uint8Array)]);
  assertEquals(decode(bytes, { buffers: taken }), array);
});

Deno.test("encode keeps no references after an error", () => {
  const [id, inner] = [[1], [2]];
  const options: EncodeOptions = { persistentId: (object) => object === inner ? id : undefined };
  assertThrows(() => encode([inner], { ...options, limits: { depth: 1 } }), PickleError);
  const asked: object[] = [];
  encode([id], { persistentId: (object) => (asked.push(object), undefined) });
  assertEquals(asked.length, 2);
});
