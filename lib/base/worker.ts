/** Workers: modules that run in a thread of their own. */

/**
 * Starts the worker of a module.
 *
 * @param name The file that the module is in the executable, beside the main module; the build names it.
 * @param module The module's address otherwise.
 */
export function startWorker(name: string, module: URL): Worker {
  const url = Deno.build.standalone ? new URL(name, Deno.mainModule) : module;
  return new Worker(url, { type: "module" });
}
