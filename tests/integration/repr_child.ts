/** A python3 child that writes values out of a seed, and tells which of them it did not get back. */

/** A value as Python wrote it: its pickle, its repr and its str. */
export interface Shown {
  readonly pickle: Uint8Array;
  readonly repr: string;
  readonly str: string;
}

/** Which values: the peer's file, the seed, and how many. */
export interface Values {
  readonly peer: string;
  readonly seed: number;
  readonly count: number;
}

/** Tells whether python3 is there and a statement of Python succeeds. */
export async function pythonDoes(statement: string): Promise<boolean> {
  try {
    return (await new Deno.Command("python3", { args: ["-c", statement], stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Lets Python write the values. */
export async function shownByPython(values: Values): Promise<Shown[]> {
  return (await run("write", values, [])).map((line) => {
    const [pickle, repr, str] = JSON.parse(line) as [string, string, string];
    return { pickle: Uint8Array.fromBase64(pickle), repr, str };
  });
}

/** Hands Python a pickle for each of the values, empty for none, and returns what it says of those that differ. */
export async function differencesInPython(values: Values, pickles: readonly Uint8Array[]): Promise<string[]> {
  return await run("check", values, pickles.map((pickle) => pickle.toBase64()));
}

async function run(mode: string, { peer, seed, count }: Values, lines: readonly string[]): Promise<string[]> {
  const path = new URL(`./peers/${peer}`, import.meta.url).pathname;
  const args = ["-X", "utf8", path, mode, String(seed), String(count)];
  const child = new Deno.Command("python3", { args, stdin: "piped", stdout: "piped" }).spawn();
  const input = new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
  const [{ stdout }] = await Promise.all([child.output(), ReadableStream.from([input]).pipeTo(child.stdin)]);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}
