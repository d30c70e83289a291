/**
 * Plays a chat in a real browser and takes pictures of the page, wide and narrow, light and dark, for the README:
 * docs/page-wide-light.png and so on. `deno run -A scripts/play_page.ts`; needs Chromium.
 */

import { servePage } from "../lib/web/page.ts";
import type { Value } from "../lib/pickle/values/values.ts";
import { builtPage, enter, HAS_CHROMIUM, RealBrowser, seen } from "../tests/web/browser.ts";
import { WebListening } from "../tests/web/web_listening.ts";

const DOCS = new URL("../docs/", import.meta.url);

/** The sizes of the page in the pictures, in CSS pixels. */
const SIZES = { wide: { width: 900, height: 760 }, narrow: { width: 360, height: 780 } } as const;

/** A run of an experiment, as a robot would post it. */
const RUNS: Value = [[1, 0.31, "done"], [2, 0.087, "done"], [3, 0.0312, "running"]].map((
  [run, loss, state],
) => new Map<Value, Value>([["run", run!], ["loss", loss!], ["state", state!]]));

/** The losses of a run: they fall, and swing less and less. */
const LOSSES: Value = Array.from(
  { length: 400 },
  (_, step) => Math.exp(-step / 120) * (1 + 0.25 * Math.cos(step / 9)) + 0.03,
);

if (import.meta.main) {
  if (!HAS_CHROMIUM) {
    console.error("play_page: there is no Chromium: apt-get install chromium");
    Deno.exit(1);
  }
  await using listening = await WebListening.start({ web: { page: await servePage(await builtPage()) } });
  await using browser = await RealBrowser.start();
  using bob = await listening.tcp.enter("bob", { echo: true });
  using robot = await listening.tcp.enter("robot", { echo: true });
  bob.send({ type: "topic", room: "lobby", text: "the night runs" });
  bob.send({ type: "message", body: "morning! did run 3 finish?" });
  await bob.until("message");
  robot.send({ type: "message", body: RUNS });
  robot.send({ type: "message", body: LOSSES });
  for (let count = 0; count < 3; count++) await robot.until("message");
  bob.send({ type: "message", body: "looks good, shall we stop there?" });
  await robot.until("message");
  for (const [size, measures] of Object.entries(SIZES)) {
    for (const scheme of ["light", "dark"]) {
      const page = await browser.open(listening.origin, { ...measures, dark: scheme === "dark" });
      await enter(page, "/nick alice");
      await page.locator("#who", { hasText: "alice" }).waitFor({ state: "attached" });
      // The page remembers its name, and asks for the messages again.
      await page.reload();
      await seen(page, "shall we stop there?");
      await page.locator("#list > li canvas").last().waitFor();
      await page.fill("#input", "yes: 0.03 will do");
      await page.screenshot({ path: new URL(`page-${size}-${scheme}.png`, DOCS).pathname });
      await page.close();
      // Its nick is free again for the next page.
      await bob.until("left");
    }
  }
  if (browser.faults.length > 0) throw new Error(browser.faults.join("\n"));
  console.log(
    "wrote docs/page-wide-light.png, page-wide-dark.png, page-narrow-light.png, page-narrow-dark.png",
  );
}
