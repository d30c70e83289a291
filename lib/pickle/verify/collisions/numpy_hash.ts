/** Hashes of numpy's ints, floats and bools: those of the equal Python objects. */
import { readFloat } from "../../numpy/float_bits.ts";
import { viewOf } from "../../numpy/items.ts";
import { HashTrait, type PythonHash, Salt } from "./python_hash.ts";
import { setBytesHash } from "./scalar_hash.ts";

/** A scalar: numpy's letter for the kind of its dtype, and its bytes. */
export interface ScalarBytes {
  readonly kind: string;
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
}

/** Sets the hash of a number of numpy. */
export function setNumpyHash(hash: PythonHash, { kind, bytes, littleEndian }: ScalarBytes): void {
  const size = bytes.length;
  hash.traits |= HashTrait.NUMPY;
  if (kind === "b") return hash.setInt(bytes[0] === 0 ? 0 : 1);
  if (kind === "f") {
    return hash.setFloat(readFloat({ view: viewOf(bytes), offset: 0, size, littleEndian }).value);
  }
  // A zero byte above an unsigned int, so that it is not read as a negative one.
  const ordered = new Uint8Array(size + (kind === "u" ? 1 : 0));
  ordered.set(littleEndian ? bytes : bytes.toReversed());
  setBytesHash(hash, ordered, 0, ordered.length);
  hash.form = Salt.NUMBER;
}
