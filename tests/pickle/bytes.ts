/** Builders of pickles by hand: strings for opcodes and text, numbers for bytes. */
export function pickleOf(...parts: (string | number | Uint8Array)[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce<number>((sum, part) => sum + lengthOf(part), 0));
  let at = 0;
  for (const part of parts) {
    if (typeof part === "number") bytes[at] = part;
    else if (typeof part === "string") {
      for (let i = 0; i < part.length; i++) bytes[at + i] = part.charCodeAt(i);
    } else bytes.set(part, at);
    at += lengthOf(part);
  }
  return bytes;
}

function lengthOf(part: string | number | Uint8Array): number {
  return typeof part === "number" ? 1 : part.length;
}

/** Returns a number as little-endian bytes of a given count. */
export function little(value: number | bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt(value);
  for (let i = 0; i < size; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
