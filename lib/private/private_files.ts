/** Files that nobody else can read: written anew and renamed, and refused where others could have read them. */

import { EXIT, Exit, messageOf } from "../base/errors.ts";

/** The bits of a mode that let others in. */
const OTHERS = 0o077;

/** The longest file that is read, in bytes. */
const MAX_FILE_SIZE = 16 * 1024 * 1024;

/** A folder of private files. */
export class PrivateFiles {
  readonly #folder: string;

  /** @param folder Its path. It is made, with those above it, when the first file is written. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a file. */
  pathOf(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /**
   * Reads a file.
   *
   * @returns Its text, or null where there is none.
   * @throws {Exit} Where it cannot be read, or others can.
   */
  read(name: string): string | null {
    const path = this.pathOf(name);
    try {
      const { size, isFile } = this.#check(path);
      if (!isFile || size > MAX_FILE_SIZE) throw new Error("it is no file of chat");
      this.#check(this.#folder);
      return Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      if (error instanceof Exit) throw error;
      throw new Exit(EXIT.failed, `Cannot read ${path}: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * Writes a file: the old one stays as it is until the new one is complete, also where the machine fails meanwhile.
   * One at a time writes into a folder: the one that has its lock.
   *
   * @throws {Exit} Where it cannot be written.
   */
  write(name: string, text: string): void {
    const path = this.pathOf(name);
    const fresh = `${path}.new`;
    try {
      this.#make();
      // What a crash has left may have another mode.
      remove(fresh);
      const file = Deno.openSync(fresh, { write: true, createNew: true, mode: 0o600 });
      try {
        const bytes = new TextEncoder().encode(text);
        for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
        file.syncSync();
      } finally {
        file.close();
      }
      Deno.renameSync(fresh, path);
    } catch (error) {
      remove(fresh);
      if (error instanceof Exit) throw error;
      throw new Exit(EXIT.failed, `Cannot write ${path}: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * Locks a file of this folder, and keeps others of chat from doing the same.
   *
   * @param wait Whether it waits until another one has released it.
   * @returns What releases it; null where another has it.
   * @throws {Exit} Where it cannot be locked.
   */
  lock(name: string, { wait }: { wait: boolean }): Disposable | null {
    const path = this.pathOf(name);
    let file: Deno.FsFile | undefined;
    try {
      this.#make();
      const lock = file = Deno.openSync(path, { write: true, create: true, mode: 0o600 });
      if (wait) lock.lockSync(true);
      else if (!lock.tryLockSync(true)) {
        lock.close();
        return null;
      }
      // The system releases it where the process ends.
      return { [Symbol.dispose]: () => lock.close() };
    } catch (error) {
      file?.close();
      if (error instanceof Exit) throw error;
      throw new Exit(EXIT.failed, `Cannot lock ${path}: ${messageOf(error)}`, { cause: error });
    }
  }

  #make(): void {
    Deno.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#check(this.#folder);
  }

  /** Refuses what others can read. Windows has no modes: the folder of a user is the user's own there. */
  #check(path: string): Deno.FileInfo {
    const info = Deno.statSync(path);
    if (Deno.build.os === "windows" || info.mode === null || (info.mode & OTHERS) === 0) return info;
    const right = info.isDirectory ? "700" : "600";
    throw new Exit(
      EXIT.failed,
      `others can read ${path}: make sure that nobody did, and run: chmod ${right} '${path}'`,
    );
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made.
  }
}
