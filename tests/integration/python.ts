/** The Python of this machine, where there is one: tests that need it are ignored where there is none. */

/** The command that starts Python 3, or undefined. */
export const PYTHON: string | undefined = ["python3", "python"].find((command) => {
  try {
    const { success, stdout } = new Deno.Command(command, { args: ["--version"] }).outputSync();
    return success && new TextDecoder().decode(stdout).startsWith("Python 3");
  } catch {
    return false;
  }
});

/** Runs a program of ours in Python, to its end. */
export async function runPython(
  program: string,
  args: readonly (string | number)[],
): Promise<{ code: number; out: string; err: string }> {
  const child = new Deno.Command(PYTHON!, {
    args: ["-u", program, ...args.map(String)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  // Windows ends its lines in two characters.
  const text = (bytes: Uint8Array) => decoder.decode(bytes).replaceAll("\r\n", "\n");
  return { code, out: text(stdout), err: text(stderr) };
}

/** The path of a Python program that stands beside this file. */
export function peerProgram(name: string): string {
  return new URL(`peers/${name}`, import.meta.url).pathname.replace(/^\/([A-Z]:)/, "$1");
}
