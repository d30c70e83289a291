/** Ends of the arguments of opcodes. */
import { readUint32 } from "../decode/number.ts";
import { cut } from "./failure.ts";

const NEWLINE = 0x0a;

/** Returns the end of an argument whose length is in the `size` bytes before it; −1 if that is past the end. */
export function countedEnd(bytes: Uint8Array, at: number, size: number, end: number): number {
  if (at + size > end) return -1;
  let count = readUint32(bytes, at);
  if (size === 8) count += readUint32(bytes, at + 4) * 2 ** 32;
  const stop = at + size + count;
  return stop > end ? -1 : stop;
}

/** Returns the position of the newline that ends an argument. */
export function lineEnd(bytes: Uint8Array, at: number, end: number, length: number, source: number): number {
  for (let i = at; i < end; i++) if (bytes[i] === NEWLINE) return i;
  throw cut(source, end, length);
}
