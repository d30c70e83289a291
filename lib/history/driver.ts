/** The SQLite driver. */

// Not a static import: the executable is one module, so every command would load SQLite.
const { DatabaseSync } = await import("node:sqlite");
type DatabaseSync = InstanceType<typeof DatabaseSync>;

export { DatabaseSync };

/** The first line of an error's message. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}
