/** Items of numpy into their bytes, from what repr shows of them. */
import { Complex } from "../values/known.ts";
import { longDouble } from "./long_double.ts";
import type { Layout } from "./layout.ts";
import { NOT_A_TIME, timeCount } from "./time.ts";
import { reprFloat } from "../repr/number.ts";
import { CodePoints, Float, Tuple, type Value } from "../values/values.ts";

/** Writes a value as an item at an offset; false where it is none of that layout. */
export function writeItem(
  view: DataView,
  offset: number,
  { layout, value }: { layout: Layout; value: Value },
): boolean {
  if (layout.sub !== null) return writeSub(view, offset, { sub: layout.sub, value });
  switch (layout.kind) {
    case "b":
      if (typeof value !== "boolean") return false;
      view.setUint8(offset, Number(value));
      return true;
    case "i":
    case "u":
      return writeInt(view, offset, { layout, value });
    case "m":
      return writeInt(view, offset, { layout, value: value === "NaT" ? NOT_A_TIME : value });
    case "M": {
      const count = typeof value === "string" ? timeCount(value, layout.unit!) : undefined;
      return count !== undefined && writeInt(view, offset, { layout, value: count });
    }
    case "f":
      return writeFloat(view, offset, { layout, value: realOf(value) });
    case "c": {
      const [real, imag] = value instanceof Complex ? [value.real, value.imag] : [realOf(value), 0];
      const half = { ...layout, size: layout.size / 2 };
      return writeFloat(view, offset, { layout: half, value: real }) &&
        writeFloat(view, offset + half.size, { layout: half, value: imag });
    }
    case "U":
      return writePoints(view, offset, { layout, points: pointsOf(value) });
    case "S":
      return writeBytes(view, offset, { layout, value });
    case "V":
      return layout.fields === null
        ? writeBytes(view, offset, { layout, value })
        : writeFields(view, offset, { layout, value });
    case "O":
      return false;
  }
}

/** The code points of a str; undefined for any other value. */
export function pointsOf(value: Value): readonly number[] | undefined {
  if (value instanceof CodePoints) return value.points;
  return typeof value === "string" ? Array.from(value, (character) => character.codePointAt(0)!) : undefined;
}

/** Writes a float of any size. */
function writeFloat(
  view: DataView,
  offset: number,
  { layout, value }: { layout: Layout; value: number | undefined },
): boolean {
  if (value === undefined) return false;
  const { size, littleEndian } = layout;
  if (size === 2) view.setFloat16(offset, value, littleEndian);
  else if (size === 4) view.setFloat32(offset, value, littleEndian);
  else if (size === 8) view.setFloat64(offset, value, littleEndian);
  else {
    const bytes = longDouble(reprFloat(value))!;
    for (const [at, byte] of bytes.entries()) view.setUint8(offset + (littleEndian ? at : 15 - at), byte);
  }
  return true;
}

function writeInt(
  view: DataView,
  offset: number,
  { layout, value }: { layout: Layout; value: Value },
): boolean {
  const isInt = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!isInt) return false;
  const { kind, size, littleEndian } = layout;
  const count = BigInt(value as number | bigint);
  const held = kind === "u" ? BigInt.asUintN(size * 8, count) : BigInt.asIntN(size * 8, count);
  if (held !== count) return false;
  if (size === 8) view.setBigInt64(offset, BigInt.asIntN(64, held), littleEndian);
  else if (size === 4) view.setInt32(offset, Number(held), littleEndian);
  else if (size === 2) view.setInt16(offset, Number(held), littleEndian);
  else view.setInt8(offset, Number(held));
  return true;
}

function writePoints(
  view: DataView,
  offset: number,
  { layout, points }: { layout: Layout; points: readonly number[] | undefined },
): boolean {
  if (points === undefined || points.length * 4 > layout.size) return false;
  for (const [at, point] of points.entries()) view.setUint32(offset + at * 4, point, layout.littleEndian);
  return true;
}

function writeBytes(
  view: DataView,
  offset: number,
  { layout, value }: { layout: Layout; value: Value },
): boolean {
  if (!(value instanceof Uint8Array) || value.length > layout.size) return false;
  for (const [at, byte] of value.entries()) view.setUint8(offset + at, byte);
  return true;
}

function writeFields(
  view: DataView,
  offset: number,
  { layout, value }: { layout: Layout; value: Value },
): boolean {
  const fields = layout.fields ?? [];
  if (!(value instanceof Tuple) || value.items.length !== fields.length) return false;
  return fields.every((field, at) => {
    return writeItem(view, offset + field.offset, { layout: field.layout, value: value.items[at]! });
  });
}

function writeSub(
  view: DataView,
  offset: number,
  { sub, value }: { sub: NonNullable<Layout["sub"]>; value: Value },
): boolean {
  let items: Value[] = [value];
  for (const length of sub.shape) {
    if (!items.every((item): item is Value[] => Array.isArray(item) && item.length === length)) return false;
    items = (items as Value[][]).flat();
  }
  return items.every((item, at) =>
    writeItem(view, offset + at * sub.layout.size, { layout: sub.layout, value: item })
  );
}

function realOf(value: Value): number | undefined {
  if (value instanceof Float) return value.value;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}
