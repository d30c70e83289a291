/** Private files: replaced as a whole by a rename, and refused if other users can read or own them. */

import { EXIT, Exit, messageOf } from "../base/errors.ts";

/** The bits of a file mode that give access to other users. */
const OTHERS = 0o077;

/** The user who can read all files anyway. */
const ROOT = 0;

/** The longest file that is read, in bytes. */
const MAX_FILE_SIZE = 16 * 1024 * 1024;

/** A folder of private files. */
export class PrivateFiles {
  readonly #folder: string;

  /** @param folder Its path. The folder and its parents are created when the first file is written. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of the folder. */
  get folder(): string {
    return this.#folder;
  }

  /** The path of a file. */
  pathOf(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /**
   * Reads a file.
   *
   * @returns Its text; null if there is no such file.
   * @throws {Exit} If it cannot be read, or other users can read it.
   */
  read(name: string): string | null {
    const path = this.pathOf(name);
    try {
      const { size, isFile } = this.#check(path);
      if (!isFile || size > MAX_FILE_SIZE) throw new Error("it is not a file of chat");
      this.#check(this.#folder);
      return Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      if (error instanceof Exit) throw error;
      throw new Exit(EXIT.failed, `Cannot read ${path}: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * Writes a file. The old file stays as it is until the new one is complete, even if the machine fails in between.
   * Only the process that holds the lock of a folder writes into it.
   *
   * @throws {Exit} If it cannot be written.
   */
  write(name: string, text: string): void {
    const path = this.pathOf(name);
    const fresh = `${path}.new`;
    try {
      this.#make();
      // A file that a crash has left may have another mode.
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
   * Gives a file another name.
   *
   * @throws {Exit} If that fails.
   */
  move(name: string, to: string): void {
    try {
      Deno.renameSync(this.pathOf(name), this.pathOf(to));
    } catch (error) {
      throw new Exit(EXIT.failed, `Cannot rename ${this.pathOf(name)}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /**
   * Locks a file of this folder against other processes of chat.
   *
   * @param wait Whether to wait until another process has released it.
   * @returns The lock, which releases it; null if another process holds it.
   * @throws {Exit} If it cannot be locked.
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
      // The system releases it when the process ends.
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

  /**
   * Refuses a file that other users can read, or that belongs to one of them, who could read it at any time. Windows has
   * neither modes nor owners of this kind; there the folder of a user is private.
   */
  #check(path: string): Deno.FileInfo {
    const info = Deno.statSync(path);
    if (Deno.build.os === "windows" || info.mode === null) return info;
    if (info.uid !== ROOT && info.uid !== Deno.uid()) {
      throw new Exit(
        EXIT.failed,
        `${path} belongs to another user: use a folder of your own, or make it yours with chown`,
      );
    }
    if ((info.mode & OTHERS) === 0) return info;
    const right = info.isDirectory ? "700" : "600";
    throw new Exit(
      EXIT.failed,
      `other users can read ${path}: make sure that nobody did, and run: chmod ${right} '${path}'`,
    );
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never created.
  }
}
