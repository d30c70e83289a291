/** Writers of numpy's items to their bytes. */
import type { Layout } from "../numpy/layout.ts";
import { Complex } from "../values/known.ts";
import { CodePoints, type Value } from "../values/values.ts";
import { isInt, realOf } from "../values/number.ts";

/** Writes a value as an item at an offset; false where the layout has no such value. */
export function writeItem(
  view: DataView,
  offset: number,
  { layout, value }: { layout: Layout; value: Value },
): boolean {
  switch (layout.kind) {
    case "b":
      if (typeof value !== "boolean") return false;
      view.setUint8(offset, Number(value));
      return true;
    case "i":
    case "u":
      return isInt(value) && writeInt(view, offset, { layout, value: BigInt(value) });
    case "f":
      return writeFloat(view, offset, { layout, value: realOf(value) });
    case "c": {
      const [real, imag] = value instanceof Complex ? [value.real, value.imag] : [realOf(value), 0];
      const half = { ...layout, size: layout.size / 2 };
      return writeFloat(view, offset, { layout: half, value: real }) &&
        writeFloat(view, offset + half.size, { layout: half, value: imag });
    }
    case "U": {
      const points = pointsOf(value);
      if (points === undefined || points.length * 4 > layout.size) return false;
      for (const [at, point] of points.entries()) view.setUint32(offset + at * 4, point, layout.littleEndian);
      return true;
    }
    case "S":
      if (!(value instanceof Uint8Array) || value.length > layout.size) return false;
      for (const [at, byte] of value.entries()) view.setUint8(offset + at, byte);
      return true;
  }
  return false;
}

/** Returns the code points of a str; undefined for any other value. */
export function pointsOf(value: Value): readonly number[] | undefined {
  if (value instanceof CodePoints) return value.points;
  return typeof value === "string" ? Array.from(value, (character) => character.codePointAt(0)!) : undefined;
}

function writeFloat(
  view: DataView,
  offset: number,
  { layout, value }: { layout: Layout; value: number | undefined },
): boolean {
  if (value === undefined) return false;
  const { size, littleEndian } = layout;
  if (size === 2) view.setFloat16(offset, value, littleEndian);
  else if (size === 4) view.setFloat32(offset, value, littleEndian);
  else view.setFloat64(offset, value, littleEndian);
  return true;
}

function writeInt(
  view: DataView,
  offset: number,
  { layout, value }: { layout: Layout; value: bigint },
): boolean {
  const { kind, size, littleEndian } = layout;
  const held = kind === "u" ? BigInt.asUintN(size * 8, value) : BigInt.asIntN(size * 8, value);
  if (held !== value) return false;
  if (size === 8) view.setBigInt64(offset, BigInt.asIntN(64, held), littleEndian);
  else if (size === 4) view.setInt32(offset, Number(held), littleEndian);
  else if (size === 2) view.setInt16(offset, Number(held), littleEndian);
  else view.setInt8(offset, Number(held));
  return true;
}
