/** numpy's hashes of its scalars: those of the Python objects that they equal. */
import { readFloat } from "../../numpy/float_bits.ts";
import { viewOf } from "../../numpy/items.ts";
import { HashTrait, type PythonHash, Salt } from "./python_hash.ts";
import { Residue } from "./residue.ts";
import { setStringHash } from "./scalar_hash.ts";
import { bytesHash } from "./secret_hash.ts";
import { CodePoints } from "../../values/values.ts";

/** A scalar: numpy's code of its dtype, and its bytes. */
export interface ScalarBytes {
  readonly code: string;
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
}

const magnitude = new Residue();

/** Sets the hash of a scalar that is no time. */
export function setNumpyHash(hash: PythonHash, { code, bytes, littleEndian }: ScalarBytes): void {
  const size = bytes.length;
  hash.traits |= HashTrait.NUMPY | HashTrait.SLOW;
  switch (code[0]) {
    case "b":
      return hash.setInt(bytes[0] === 0 ? 0 : 1);
    case "i":
    case "u": {
      // A zero on top of an unsigned int keeps it from being read as a negative one.
      const ordered = new Uint8Array(size + (code[0] === "u" ? 1 : 0));
      ordered.set(littleEndian ? bytes : bytes.toReversed());
      magnitude.setBytes(ordered, 0, ordered.length);
      hash.setNumber(magnitude, ordered[ordered.length - 1]! > 0x7f);
      hash.form = Salt.NUMBER;
      return;
    }
    case "f":
      return hash.setFloat(readFloat({ view: viewOf(bytes), offset: 0, size, littleEndian }).value);
    case "c": {
      const half = { view: viewOf(bytes), offset: 0, size: size / 2, littleEndian };
      const real = readFloat(half).value;
      return hash.setComplex(real, readFloat({ ...half, offset: size / 2 }).value);
    }
    case "S": {
      const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
      return hash.setText(bytesHash(bytes, 0, end), end, Salt.BYTES);
    }
    case "U": {
      const view = viewOf(bytes);
      const points = Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 * i, littleEndian));
      while (points.at(-1) === 0) points.pop();
      return setStringHash(hash, new CodePoints(points), Salt.TEXT);
    }
  }
}
