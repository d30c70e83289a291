/** Tests of the page in a real browser, with a listener that serves it as it is built. */

import { servePage } from "../../lib/web/page.ts";
import { assertEquals } from "../assert.ts";
import { builtPage, HAS_CHROMIUM, RealBrowser } from "./browser.ts";
import { WebListening, type WebListeningOptions } from "./web_listening.ts";

/** Runs a test in a browser, with a listener that serves the page as it is built. */
export function browserTest(
  name: string,
  run: (browser: RealBrowser, listening: WebListening) => Promise<void>,
  options: WebListeningOptions = {},
): void {
  Deno.test({
    name: `[browser] ${name}`,
    ignore: !HAS_CHROMIUM,
    // The driver keeps a process and pipes of its own between the steps of a page.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using browser = await RealBrowser.start();
      const page = await servePage(await builtPage());
      await using listening = await WebListening.start({ ...options, web: { page, ...options.web } });
      await run(browser, listening);
      assertEquals(browser.faults, []);
      assertEquals(listening.tcp.faults, []);
    },
  });
}
