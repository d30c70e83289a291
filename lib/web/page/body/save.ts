/** Files that a person saves from a message: .npy, .png, the bytes, or the pickle. */

import { encode } from "../../../pickle/encode/encode.ts";
import { npyOf } from "../../../objects/npy.ts";
import { NDArray } from "../../../pickle/values/known_numpy.ts";
import { ByteArray, type Value } from "../../../pickle/values/values.ts";

/** A file as which a value can be saved. Its bytes are made only then. */
export interface SavedFile {
  /** The ending of its name, without the point. */
  readonly ending: string;
  readonly bytes: () => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
}

/** Returns the files as which a value can be saved, besides pictures. */
export function filesOf(value: Value): SavedFile[] {
  if (value instanceof NDArray && npyOf(value) !== null) {
    return [{
      ending: "npy",
      bytes: () => npyOf(value)!,
    }];
  }
  const bytes = value instanceof Uint8Array ? value : value instanceof ByteArray ? value.bytes : null;
  return bytes === null ? [] : [{ ending: "bin", bytes: () => new Uint8Array(bytes) }];
}

/** Encodes a value as a pickle again, for messages that the listener does not keep, such as private ones. */
export function pickleOf(value: Value): SavedFile {
  return { ending: "pickle", bytes: () => encode(value) };
}

/** Has the browser save a file. */
export function save(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Has the browser save a canvas as .png. */
export function savePng(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob(async (blob) => {
    if (blob !== null) save(`${name}.png`, new Uint8Array(await blob.arrayBuffer()));
  });
}
