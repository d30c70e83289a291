/** Images in values: arrays of pixels, and files of pictures. */

import { NDArray } from "../pickle/values/known_numpy.ts";
import { ByteArray, type Value } from "../pickle/values/values.ts";

/** An image of pixels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel, row by row: red, green, blue, opacity. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** The most pixels of an image. */
const MAX_PIXELS = 64 * 1024 * 1024;

/**
 * Returns the image of an array of bytes (uint8) of shape (H, W), (H, W, 3) or (H, W, 4); null for any other value, and
 * for one of no pixel or more than 64 million.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DType, NDArray } from "../pickle/values/known_numpy.ts";
 * import { Tuple } from "../pickle/values/values.ts";
 * import { pixelsOf } from "./image.ts";
 *
 * const bytes = new DType("u1", new Tuple([3, "|", null, null, null, -1, -1, 0]));
 * const grey = new NDArray([1, 2], bytes, false, new Uint8Array([0, 200]));
 * assertEquals([...pixelsOf(grey)!.rgba], [0, 0, 0, 255, 200, 200, 200, 255]);
 * ```
 */
export function pixelsOf(value: Value): Pixels | null {
  if (!(value instanceof NDArray) || value.dtype.code !== "u1" || !(value.data instanceof Uint8Array)) {
    return null;
  }
  const [height = 0, width = 0, channels = 1, ...more] = value.shape;
  if (value.shape.length < 2 || more.length > 0 || ![1, 3, 4].includes(channels)) return null;
  if (value.shape.length === 3 && channels === 1) return null;
  const count = height * width;
  if (count === 0 || count > MAX_PIXELS || value.data.length !== count * channels) return null;
  const { data, fortran } = value;
  const rgba = new Uint8ClampedArray(count * 4);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += 4) {
      const from = fortran ? row + column * height : (row * width + column) * channels;
      const step = fortran ? count : 1;
      for (let channel = 0; channel < 3; channel++) {
        rgba[to + channel] = data[from + (channels === 1 ? 0 : channel * step)]!;
      }
      rgba[to + 3] = channels === 4 ? data[from + 3 * step]! : 255;
    }
  }
  return { width, height, rgba };
}

/** The kinds of picture files that are known, by how they begin. SVG is none: it is a document that can hold scripts. */
const SIGNATURES: readonly (readonly [type: string, begin: string, at8?: string])[] = [
  ["image/png", "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/gif", "GIF87a"],
  ["image/gif", "GIF89a"],
  ["image/webp", "RIFF", "WEBP"],
];

/** A picture as a file has it. */
export interface PictureFile {
  /** Its media type. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/**
 * Returns the picture in bytes that are a PNG, JPEG, GIF or WebP file; null for any other value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pictureOf } from "./image.ts";
 *
 * assertEquals(pictureOf(new TextEncoder().encode("GIF89a…"))?.type, "image/gif");
 * assertEquals(pictureOf(new TextEncoder().encode("<svg/>")), null);
 * ```
 */
export function pictureOf(value: Value): PictureFile | null {
  const bytes = value instanceof Uint8Array ? value : value instanceof ByteArray ? value.bytes : null;
  if (bytes === null) return null;
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  const found = SIGNATURES.find(([, begin, at8 = ""]) => head.startsWith(begin) && head.startsWith(at8, 8));
  return found === undefined ? null : { type: found[0], bytes };
}
