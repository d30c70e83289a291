/** Builders of pickles by hand: strings for opcodes and text, numbers for bytes. */
export function pickleOf(...parts: (string | number | Uint8Array)[]): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) {
    if (typeof part === "number") bytes.push(part);
    else if (typeof part === "string") { for (const char of part) bytes.push(char.charCodeAt(0)); }
    else for (const byte of part) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
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
