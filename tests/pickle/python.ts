/** The Python on this machine, and the protocol between its programs and the tests. */
// @ts-types="../text_line_stream.d.ts"
import { TextLineStream } from "@std/streams/text-line-stream";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { type Encodable, encode, type EncodeOptions } from "../../lib/pickle/encode/encode.ts";
import { ByteArray, Global } from "../../lib/pickle/values/values.ts";

/** The Pythons that may be there: the first that can do what a test needs is taken. */
const NAMES = ["python3", "python3.13", "python3.12", "python3.11"];

/**
 * Finds a Python.
 *
 * @param code A line of Python that ends without error on a Python that will do.
 * @returns Its name, or null where there is none.
 */
export function findPython(code = "import sys; assert sys.version_info >= (3, 9)"): string | null {
  return NAMES.find((name) => {
    try {
      return new Deno.Command(name, { args: ["-c", code], stdout: "null", stderr: "null" }).outputSync()
        .success;
    } catch {
      return false;
    }
  }) ?? null;
}

/**
 * Runs a Python program of tests/integration/peers/ that sends pickles (`protocol base64`, and as JSON what stands outside of
 * them, one a line) and reads them back, decoded and encoded again in that protocol.
 *
 * @param python The Python.
 * @param program The program's file name.
 * @param args Its arguments.
 * @returns What its line that begins with `=` says, as JSON.
 */
export async function relay(python: string, program: string, ...args: string[]): Promise<unknown> {
  const path = new URL(`../integration/peers/${program}`, import.meta.url).pathname;
  await using child = new Deno.Command(python, {
    args: ["-B", path, ...args],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const answers = child.stdin.getWriter();
  const encoder = new TextEncoder();
  let result: unknown;
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) {
    if (line.startsWith("=")) result = JSON.parse(line.slice(1));
    else await answers.write(encoder.encode(answer(line) + "\n"));
  }
  await answers.close();
  await child.status;
  return result;
}

/** What stands outside a pickle: a registry of extension codes, and buffers. */
interface Outside {
  readonly extensions?: readonly [code: number, module: string, name: string][];
  readonly buffers?: readonly string[];
}

function answer(line: string): string {
  const [protocol, base64, outside = "{}"] = line.split(" ") as [string, string, string?];
  const { extensions = [], buffers = [] } = JSON.parse(outside) as Outside;
  const memory = buffers.map((buffer) => Uint8Array.fromBase64(buffer));
  try {
    const value = decode(Uint8Array.fromBase64(base64), {
      buffers: memory,
      extension: (code) => {
        const found = extensions.find(([known]) => known === code);
        return found && new Global(found[1], found[2]);
      },
    });
    const options: EncodeOptions = {
      protocol: Number(protocol) as 0,
      extension: ({ module, name }) => {
        return extensions.find((known) => known[1] === module && known[2] === name)?.[0];
      },
      takeBuffer: (buffer) => {
        const { buffer: kept } = buffer instanceof ByteArray ? buffer.bytes : buffer;
        return memory.some((bytes) => bytes.buffer === kept);
      },
    };
    return encode(value as Encodable, options).toBase64();
  } catch (error) {
    return `!${error}`.replaceAll("\n", " ");
  }
}
