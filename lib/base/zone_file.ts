/** Parser of time zone files (TZif, RFC 9636), such as /etc/localtime. */

import { fixedZone, parsePosixZone, type TimeZone } from "./time_zone.ts";

const HEADER = 44;

/**
 * Reads a file of a time zone. Leap seconds are ignored.
 *
 * @returns The zone; null if the bytes are not such a file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseZoneFile } from "./zone_file.ts";
 *
 * assertEquals(parseZoneFile(new TextEncoder().encode("root:x:0:0")), null);
 * ```
 */
export function parseZoneFile(bytes: Uint8Array): TimeZone | null {
  try {
    return readFile(bytes);
  } catch (error) {
    // The file is truncated.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The number of entries of each kind in a block. */
interface Counts {
  readonly utc: number;
  readonly standard: number;
  readonly leaps: number;
  readonly times: number;
  readonly types: number;
  readonly chars: number;
}

function readFile(bytes: Uint8Array): TimeZone | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const counts = readHeader(view, 0);
  if (counts === null) return null;
  if (view.getUint8(4) === 0) return readBlock(view, { at: HEADER, counts, wide: false }, null);
  // The second block has the same data with 64-bit times, and a rule for the time after the last change.
  const at = HEADER + sizeOf(counts, 4);
  const more = readHeader(view, at);
  if (more === null) return null;
  const footer = new TextDecoder().decode(bytes.subarray(at + HEADER + sizeOf(more, 8)));
  const rule = /^\n([^\n]+)\n/.exec(footer)?.[1];
  const after = rule === undefined ? null : parsePosixZone(rule);
  return readBlock(view, { at: at + HEADER, counts: more, wide: true }, after);
}

function readHeader(view: DataView, at: number): Counts | null {
  if (view.getUint32(at) !== 0x545a6966) return null;
  const [utc, standard, leaps, times, types, chars] = [0, 1, 2, 3, 4, 5].map((n) =>
    view.getUint32(at + 20 + 4 * n)
  );
  return { utc: utc!, standard: standard!, leaps: leaps!, times: times!, types: types!, chars: chars! };
}

/** Returns the size of a block after its header, with times of the given number of bytes. */
function sizeOf({ utc, standard, leaps, times, types, chars }: Counts, width: number): number {
  return times * (width + 1) + types * 6 + chars + leaps * (width + 4) + standard + utc;
}

function readBlock(
  view: DataView,
  { at, counts, wide }: { at: number; counts: Counts; wide: boolean },
  after: TimeZone | null,
): TimeZone | null {
  const { times, types } = counts;
  const width = wide ? 8 : 4;
  if (types === 0 || at + sizeOf(counts, width) > view.byteLength) return null;
  const typeAt = at + times * width;
  const timeOf = (n: number) => wide ? Number(view.getBigInt64(at + n * 8)) : view.getInt32(at + n * 4);
  const offsetOf = (type: number) => view.getInt32(typeAt + times + Math.min(type, types - 1) * 6);
  if (times === 0) return after ?? fixedZone(offsetOf(0));
  return {
    offsetAt(time) {
      if (time < timeOf(0)) return offsetOf(0);
      if (after !== null && time >= timeOf(times - 1)) return after.offsetAt(time);
      let [low, high] = [0, times - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (timeOf(middle) <= time) low = middle;
        else high = middle - 1;
      }
      return offsetOf(view.getUint8(typeAt + low));
    },
  };
}
