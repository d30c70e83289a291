/** Readers of numpy's items from their bytes. */
import type { Layout } from "./layout.ts";

/** Reads an int, or the int of a bool or time. */
export function readInt(view: DataView, offset: number, { kind, size, littleEndian }: Layout): bigint {
  const signed = kind === "i" || kind === "m" || kind === "M";
  switch (size) {
    case 1:
      return BigInt(signed ? view.getInt8(offset) : view.getUint8(offset));
    case 2:
      return BigInt(signed ? view.getInt16(offset, littleEndian) : view.getUint16(offset, littleEndian));
    case 4:
      return BigInt(signed ? view.getInt32(offset, littleEndian) : view.getUint32(offset, littleEndian));
  }
  return signed ? view.getBigInt64(offset, littleEndian) : view.getBigUint64(offset, littleEndian);
}

/** Reads a str: code points of four bytes, without trailing zeros. */
export function readPoints(view: DataView, offset: number, { size, littleEndian }: Layout): number[] {
  const points: number[] = [];
  for (let at = 0; at < size; at += 4) {
    const point = view.getUint32(offset + at, littleEndian);
    points.push(point > 0x10FFFF ? 0xFFFD : point);
  }
  while (points.at(-1) === 0) points.pop();
  return points;
}

/** Reads bytes; those of kind S without trailing zeros. */
export function readBytes(view: DataView, offset: number, { kind, size }: Layout): Uint8Array {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, size);
  let end = size;
  if (kind === "S") { while (end > 0 && bytes[end - 1] === 0) end--; }
  return bytes.subarray(0, end);
}

/** Makes a view of bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
