/** The base of an executable: finds it, and checks that it is for the target. */

import { baseVariable } from "./targets.ts";

/** The numbers of the processors in the headers of ELF, Mach-O and PE. */
const PROCESSORS: Readonly<Record<string, { elf: number; macho: number; pe: number }>> = {
  x86_64: { elf: 0x3e, macho: 0x0100_0007, pe: 0x8664 },
  aarch64: { elf: 0xb7, macho: 0x0100_000c, pe: 0xaa64 },
};

/**
 * Finds the base that the environment names for a target: `DENORT_BIN_` and the target, or for this machine `DENORT_BIN`.
 *
 * @returns Its path; undefined where it is to be downloaded.
 * @throws {Error} Where there is no such file, or it is for another system or processor.
 */
export async function findBase(target: string): Promise<string | undefined> {
  const names = [baseVariable(target), ...(target === Deno.build.target ? ["DENORT_BIN"] : [])];
  const name = names.find((name) => Deno.env.get(name));
  if (name === undefined) return undefined;
  const path = Deno.env.get(name)!;
  const head = await readHead(path).catch((error: Error) => {
    throw new Error(`cannot read ${path}, which ${name} names: ${error.message}`);
  });
  if (isFor(target, head)) return path;
  throw new Error(`${path}, which ${name} names, is no program for ${target}`);
}

async function readHead(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const head = new Uint8Array(4096);
  return head.subarray(0, await file.read(head) ?? 0);
}

/**
 * Tells whether a program is for a target, by its first bytes: the header of ELF, Mach-O or PE.
 *
 * @param head The first 4 KiB, or all if there is less.
 */
export function isFor(target: string, head: Uint8Array): boolean {
  const [processor = "", , system] = target.split("-");
  const number = PROCESSORS[processor];
  if (number === undefined) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const holds = (offset: number, size: number) => offset >= 0 && offset + size <= head.length;
  const at16 = (offset: number) => holds(offset, 2) ? view.getUint16(offset, true) : -1;
  const at32 = (offset: number) => holds(offset, 4) ? view.getUint32(offset, true) : -1;
  if (system === "linux") return at32(0) === 0x464c_457f && at16(0x12) === number.elf;
  if (system === "darwin") return at32(0) === 0xfeed_facf && at32(4) === number.macho;
  const header = at32(0x3c);
  return at16(0) === 0x5a4d && at32(header) === 0x0000_4550 && at16(header + 4) === number.pe;
}
