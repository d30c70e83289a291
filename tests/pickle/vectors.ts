/** Test vectors, pickles with their meaning: those of tests/testdata/, and those of the file that `CHAT_VECTORS` names. */
import type { Tagged } from "./tag.ts";

/** A pickle of tests/testdata/pickles/decode.jsonl. */
export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly meaning: Tagged;
}

/** Reads our own pickles. */
export function samples(): Sample[] {
  const text = Deno.readTextFileSync(new URL("../testdata/pickles/decode.jsonl", import.meta.url));
  return text.trim().split("\n").map((line) => {
    const [name, base64, meaning] = JSON.parse(line);
    return { name, bytes: Uint8Array.fromBase64(base64), meaning };
  });
}

/** A line of the vectors. */
export interface Vector {
  readonly name: string;
  readonly protocol: number;
  readonly bytes: Uint8Array;
  readonly value: Tagged;
  readonly special: string | null;
}

const path = Deno.env.get("CHAT_VECTORS");

/** Whether there are vectors. */
export const haveVectors = path !== undefined;

/** Reads the vectors, gzipped JSON lines; none where `CHAT_VECTORS` is not set. */
export async function vectors(): Promise<Vector[]> {
  if (path === undefined) return [];
  const file = new Blob([await Deno.readFile(path)]);
  const text = await new Response(file.stream().pipeThrough(new DecompressionStream("gzip"))).text();
  return text.trim().split("\n").map((line) => {
    const { pickle, ...rest } = JSON.parse(line);
    return { ...rest, bytes: Uint8Array.fromBase64(pickle) };
  });
}
