/** The SQLite driver. */

// Not a static import: in the executable, which is one module, that would load SQLite whatever is to be done.
const { DatabaseSync } = await import("node:sqlite");
type DatabaseSync = InstanceType<typeof DatabaseSync>;

export { DatabaseSync };

/** The first line of an error's message. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}
