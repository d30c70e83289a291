/**
 * What people send passes verify, from each Python that is here: those on the path, and the ones that CHAT_PYTHONS names,
 * separated by commas.
 */
// @ts-types="../text_line_stream.d.ts"
import { TextLineStream } from "@std/streams/text-line-stream";
import { assertEquals, assertGreater } from "../assert.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { format } from "../../lib/pickle/repr/format.ts";
import { verify } from "../../lib/pickle/verify/verify.ts";

const NAMED = Deno.env.get("CHAT_PYTHONS")?.split(",") ?? [];
const ON_PATH = ["python3", ..."8 9 10 11 12 13 14".split(" ").map((minor) => `python3.${minor}`)];

function versionOf(python: string): string | undefined {
  try {
    const code = "import sys; assert sys.version_info >= (3, 8); print(sys.version.split()[0])";
    const { success, stdout } = new Deno.Command(python, { args: ["-c", code], stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

const pythons = new Map<string, string>();
for (const python of [...ON_PATH, ...NAMED]) {
  const version = versionOf(python);
  if (version !== undefined && !pythons.has(version)) pythons.set(version, python);
}

for (const [version, python] of pythons) {
  Deno.test(`verify accepts common objects from Python ${version}, and they can be shown`, async () => {
    const program = new URL("./peers/honest_pickles.py", import.meta.url).pathname;
    await using child = new Deno.Command(python, { args: ["-B", program], stdout: "piped" }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    const refused: string[] = [];
    let count = 0;
    for await (const line of lines) {
      const [name, protocol, pickle] = line.split("\t") as [string, string, string];
      const bytes = Uint8Array.fromBase64(pickle);
      count++;
      try {
        verify(bytes);
        if (protocol === "4") format(decode(bytes), { limit: 1000 });
      } catch (error) {
        refused.push(`${name}, protocol ${protocol}: ${error}`);
      }
    }
    assertEquals(refused, []);
    assertGreater(count, 200);
  });
}
