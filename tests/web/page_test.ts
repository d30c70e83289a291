import axe from "axe-core";
import type { Page } from "playwright-core";
import { servePage } from "../../lib/web/page.ts";
import { DateTime, TimeDelta, TimeZone } from "../../lib/pickle/values/known.ts";
import { DType, NDArray } from "../../lib/pickle/values/known_numpy.ts";
import { Tuple, type Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertLess } from "../assert.ts";
import { builtPage, enter, inView, messages, seen } from "./browser.ts";
import { browserTest } from "./browser_test_kit.ts";

const dtype = (code: string, order = "<") =>
  new DType(code, new Tuple([3, order, null, null, null, -1, -1, 0]));
const array = (shape: number[], items: Float64Array | Uint8Array): NDArray => {
  const code = items instanceof Uint8Array ? "u1" : "f8";
  const bytes = new Uint8Array(items.buffer, items.byteOffset, items.byteLength);
  return new NDArray(shape, dtype(code, code === "u1" ? "|" : "<"), false, bytes);
};

/** The color of a dot of the first picture of the newest message. */
async function dot(page: Page, x: number, y: number): Promise<number[]> {
  return await page.locator("#list > li canvas").last().evaluate(
    (element, [x, y]) => {
      const canvas = element as unknown as {
        getContext(kind: "2d"): { getImageData(...at: number[]): { data: Iterable<number> } };
      };
      return [...canvas.getContext("2d").getImageData(x!, y!, 1, 1).data];
    },
    [x, y],
  );
}

browserTest(
  "two pages and a Python peer talk in one room, and pages show names, topic and people",
  async (
    browser,
    listening,
  ) => {
    using ann = await listening.tcp.enter("ann", { echo: true });
    const one = await browser.open(listening.origin);
    await enter(one, "/nick bob");
    await one.locator("#who", { hasText: "bob" }).waitFor();
    const two = await browser.open(listening.origin);
    await enter(one, "hi all");
    await seen(two, "hi all");
    assertEquals((await ann.until("message")).from, "bob");
    ann.send({ type: "topic", room: "lobby", text: "what we talk about" });
    await two.locator("#topic", { hasText: "what we talk about" }).waitFor();
    await two.locator("#people", { hasText: "ann" }).waitFor();
    ann.send({ type: "message", to: "bob", body: "for you alone" });
    await one.locator("#places", { hasText: "@ann" }).waitFor();
    await one.locator("#places button", { hasText: "@ann" }).click();
    await seen(one, "for you alone");
    assertEquals((await messages(two)).filter((text) => text.includes("alone")), []);
  },
);

browserTest("a post is shown as under way, then once as a message; a refused one can be sent again", async (
  browser,
  listening,
) => {
  const page = await browser.open(listening.origin);
  await enter(page, "first");
  await seen(page, "first");
  await page.locator("#pending li").waitFor({ state: "detached" });
  assertEquals((await messages(page)).filter((text) => text.includes("first")).length, 1);
  await enter(page, "/msg nobody are you there?");
  const refused = page.locator("#pending .refused");
  await refused.waitFor();
  assert((await refused.textContent())!.includes("not sent"));
  await refused.getByText("drop").click();
  await refused.waitFor({ state: "detached" });
});

browserTest("dicts unfold, and rows of equal keys are a table", async (browser, listening) => {
  using ann = await listening.tcp.enter("ann");
  const page = await browser.open(listening.origin);
  ann.send({
    type: "message",
    body: new Map<Value, Value>([["deep", new Map([["inner", [1, 2]]])], ["f", 2.5]]),
  });
  await seen(page, "dict of 2");
  await page.locator("details summary").first().click();
  await page.locator("details .tree", { hasText: "inner" }).first().waitFor();
  const row = (x: number) => new Map<Value, Value>([["x", x], ["name", `row ${x}`]]);
  ann.send({ type: "message", body: Array.from({ length: 60 }, (_, x) => row(x)) });
  await page.locator("table").waitFor();
  assertEquals(await page.locator("table th").allTextContents(), ["x", "name"]);
  assertEquals(await page.locator("table tbody tr").count(), 50);
  await page.getByText("10 more rows").click();
  assertEquals(await page.locator("table tbody tr").last().textContent(), "59row 59");
});

browserTest(
  "numbers are drawn: a line, y over x, a heat map, an image, with their dots where they belong",
  async (
    browser,
    listening,
  ) => {
    using ann = await listening.tcp.enter("ann");
    const page = await browser.open(listening.origin);
    const canvas = page.locator("#list > li canvas");
    const label = async (count: number) => {
      await canvas.nth(count - 1).waitFor();
      return await canvas.nth(count - 1).getAttribute("aria-label");
    };
    ann.send({ type: "message", body: Array.from({ length: 20 }, (_, i) => i * i) });
    assertEquals(await label(1), "line of 20 numbers, from 0 to 361");
    ann.send({ type: "message", body: array([100], new Float64Array(100).fill(1)) });
    assertEquals(await label(2), "line of 100 numbers, from 1 to 1");
    const axis = array([50], Float64Array.from({ length: 50 }, (_, i) => i));
    ann.send({ type: "message", body: new Map([["t", axis], ["v", axis]]) });
    assertEquals(await label(3), "v against t, 50 points");
    ann.send({ type: "message", body: array([2, 3], new Float64Array([0, 1, 2, 3, 4, 5])) });
    assertEquals(await label(4), "heat map of 2 × 3 numbers, from 0 to 5");
    const [darkBlue = [], yellow = []] = [await dot(page, 1, 1), await dot(page, 34, 22)];
    assert(darkBlue[2]! > darkBlue[1]! && yellow[1]! > yellow[2]!, `${darkBlue} ${yellow}`);
    ann.send({ type: "message", body: array([1, 2, 3], new Uint8Array([255, 0, 0, 0, 0, 255])) });
    assertEquals(await label(5), "image of 2 × 1 pixels");
    assertEquals([await dot(page, 0, 0), await dot(page, 1, 0)], [[255, 0, 0, 255], [0, 0, 255, 255]]);
  },
);

browserTest("a million numbers are drawn at once, with every peak", async (browser, listening) => {
  using ann = await listening.tcp.enter("ann");
  const page = await browser.open(listening.origin);
  const numbers = new Float64Array(1_000_000);
  numbers[500_000] = 9;
  ann.send({ type: "message", body: array([1_000_000], numbers) });
  const canvas = page.locator("#list > li canvas");
  await canvas.waitFor();
  assertEquals(await canvas.getAttribute("aria-label"), "line of 1000000 numbers, from 0 to 9");
});

browserTest(
  "pictures in bytes are shown, SVG is not, and times stand in this place's zone",
  async (browser, listening) => {
    using ann = await listening.tcp.enter("ann");
    const page = await browser.open(listening.origin);
    const png = Uint8Array.fromBase64(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    );
    ann.send({ type: "message", body: png });
    const image = page.locator("#list > li img");
    await image.waitFor();
    assertEquals(await image.getAttribute("alt"), `image/png of ${png.length} bytes`);
    ann.send({
      type: "message",
      body: new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>"),
    });
    await seen(page, "bytes of 41");
    assertEquals(await image.count(), 1);
    const time = {
      hour: 12,
      minute: 0,
      second: 0,
      microsecond: 0,
      fold: 0,
      tzinfo: new TimeZone(new TimeDelta(0, 7200, 0)),
    } as const;
    ann.send({ type: "message", body: [new DateTime({ year: 2026, month: 12, day: 1 }, time)] });
    await page.locator('time[title="2026-12-01T12:00:00+02:00"]').waitFor();
  },
);

browserTest("hostile texts, names, rooms and keys are shown as text", async (browser, listening) => {
  const page = await browser.open(listening.origin);
  const samples = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked=1'>",
    "<svg onload=window.hacked=1>",
    "javascript:window.hacked=1",
    "\"><iframe srcdoc='<script>parent.hacked=1</script>'>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "\u202egnp.exe\u2028\u0000\x1b[31m",
    'https://example.org/"onmouseover="window.hacked=1',
  ];
  using ann = await listening.tcp.enter("<b/onclick=x>");
  for (const text of samples) {
    ann.send({ type: "message", body: text });
    ann.send({ type: "message", body: new Map([[text, [text, new Map([[text, text]])]]]) });
    ann.send({ type: "topic", room: "lobby", text });
  }
  ann.send({ type: "join", room: "<img/src=x/onerror=h>" });
  ann.send({ type: "message", room: "lobby", body: "the last one" });
  await seen(page, "the last one");
  for (const summary of await page.locator("details > summary").all()) await summary.dispatchEvent("click");
  assertEquals(await page.evaluate("window.hacked"), undefined);
  const foreign = "script:not(body > script), iframe, #list svg, #list img, #list [onclick], #list [onerror]";
  assertEquals(await page.locator(foreign).count(), 0);
  for (const link of await page.locator("#list a").all()) {
    const href = await link.getAttribute("href");
    assert(/^https?:\/\/[^"]*$/.test(href!), href!);
  }
  await seen(page, "<script>window.hacked = 1</script>");
});

browserTest("older messages come by scrolling up, none twice", async (browser, listening) => {
  using ann = await listening.tcp.enter("ann", { echo: true });
  for (let id = 1; id <= 250; id++) ann.send({ type: "message", body: `message ${id}` });
  for (let id = 1; id <= 250; id++) await ann.until("message");
  const page = await browser.open(listening.origin);
  await seen(page, "message 250");
  while (!(await messages(page))[0]!.endsWith("message 1")) {
    const before = await page.locator("#list > li").count();
    await page.evaluate("document.querySelector('#scroller').scrollTop = 0");
    await page.locator("#list > li").nth(before).waitFor({ state: "attached" });
  }
  assertEquals(await messages(page), Array.from({ length: 250 }, (_, i) => `ann: message ${i + 1}`));
});

browserTest(
  "a reload during a conversation loses and doubles nothing, and keeps the name",
  async (browser, listening) => {
    using ann = await listening.tcp.enter("ann", { echo: true });
    const page = await browser.open(listening.origin);
    await enter(page, "/nick bob");
    await page.locator("#who", { hasText: "bob" }).waitFor();
    for (let i = 1; i <= 30; i++) {
      ann.send({ type: "message", body: `ann ${i}` });
      if (i % 10 === 0) {
        await enter(page, `bob ${i}`);
        await page.reload();
        await page.waitForSelector("#who:not(:empty)");
      }
    }
    ann.send({ type: "message", body: "the end" });
    await seen(page, "the end");
    await page.locator("#pending li").waitFor({ state: "detached" });
    const texts = (await messages(page)).map((text) => text.replace(/^\w+: /, ""));
    for (let i = 1; i <= 30; i++) {
      assertEquals(
        texts.filter((text) => text === `ann ${i}`).length,
        1,
        `ann ${i}`,
      );
    }
    for (const i of [10, 20, 30]) {
      assertEquals(
        texts.filter((text) => text === `bob ${i}`).length,
        1,
        `bob ${i}`,
      );
    }
    assertEquals(await page.locator("#who").textContent(), "bob");
  },
);

browserTest(
  "a search finds messages that are not loaded, objects too, and does not change the log",
  async (browser, listening) => {
    using ann = await listening.tcp.enter("ann");
    const early = ["the Night run", "the day run", new Map([["state", "night run <b>"]])];
    const bodies = [...early, ...Array.from({ length: 300 }, (_, id) => `filler ${id}`)];
    for (const [ref, body] of bodies.entries()) ann.send({ type: "message", body, ref });
    await ann.answer(bodies.length - 1);
    const page = await browser.open(listening.origin);
    await seen(page, "filler 299");
    const before = await messages(page);
    assertEquals(before.filter((text) => text.includes("Night")), []);
    await page.fill("#words", '"NIGHT ru"*');
    await page.press("#words", "Enter");
    await page.locator("#dialog .hit").nth(1).waitFor();
    const hits = await page.locator("#dialog .hit").allTextContents();
    assertEquals(hits.map((hit) => hit.split(" ")[0]), ["#1", "#3"]);
    assert(hits[0]!.endsWith("ann: the Night run"), hits[0]);
    await page.press("#dialog", "Escape");
    assertEquals(await messages(page), before);
    await page.fill("#words", "coffee");
    await page.press("#words", "Enter");
    await page.locator("#dialog-body", { hasText: "no messages found in this room" }).waitFor();
    await page.press("#dialog", "Escape");
    await page.fill("#words", '"open');
    await page.press("#words", "Enter");
    await page.locator("#notice", { hasText: "the quote at character 1 is not closed" }).waitFor();
    ann.send({ type: "message", body: "live again" });
    await seen(page, "live again");
  },
);

browserTest(
  "a page opens at its newest message, and plots are drawn as wide as it has room for, not shrunk",
  async (
    browser,
    listening,
  ) => {
    using ann = await listening.tcp.enter("ann");
    for (let i = 0; i < 40; i++) {
      ann.send({
        type: "message",
        body: Array.from({ length: 20 }, (_, x) => x * i),
      });
    }
    ann.send({ type: "message", body: "the newest" });
    const page = await browser.open(listening.origin, { width: 360, height: 640 });
    await seen(page, "the newest");
    await inView(page, "#list > li:last-child");
    for (let visit = 0; visit < 3; visit++) {
      const canvas = page.locator("#list canvas").last();
      const { width, height } = (await canvas.boundingBox())!;
      assertLess(Math.abs(width - Number(await canvas.getAttribute("width"))), 1);
      assertEquals(height, 220);
      assertLess(280, width);
      await page.reload();
      await seen(page, "the newest");
      await inView(page, "#list > li:last-child");
    }
  },
);

browserTest(
  "a lost connection is shown and restored, and missed messages come once",
  async (browser, listening) => {
    using ann = await listening.tcp.enter("ann", { echo: true });
    const page = await browser.open(listening.origin);
    ann.send({ type: "message", body: "before" });
    await seen(page, "before");
    listening.drop();
    await page.locator("#status", { hasText: "lost" }).waitFor();
    ann.send({ type: "message", body: "meanwhile" });
    await page.locator("#status button").click();
    await seen(page, "meanwhile");
    assertEquals((await messages(page)).map((text) => text.slice(5)), ["before", "meanwhile"]);
  },
);

browserTest("in a flood a page keeps at most 2,000 rows and answers keys", async (browser, listening) => {
  using ann = await listening.tcp.enter("ann", { echo: true });
  const page = await browser.open(listening.origin);
  for (let i = 1; i <= 5000; i++) ann.send({ type: "message", body: `flood ${i}` });
  await page.locator("#input").pressSequentially("typed meanwhile");
  assertEquals(await page.inputValue("#input"), "typed meanwhile");
  await seen(page, "flood 5000");
  const rows = await page.locator("#list > li").count();
  assertLess(rows, 2001);
  assertEquals((await messages(page)).at(-1), "ann: flood 5000");
  // The day stands above the oldest row that is left, and above no other.
  await page.locator("#list > li:first-child[data-day]").waitFor({ state: "attached" });
  assertEquals(await page.locator("#list > li[data-day]").count(), 1);
}, { limits: { messageRate: Infinity, messageBurst: Infinity } });

browserTest("axe finds no violations, in light and dark, wide and narrow", async (browser, listening) => {
  using ann = await listening.tcp.enter("ann");
  ann.send({ type: "message", body: "hello" });
  ann.send({ type: "message", body: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  ann.send({ type: "message", body: [new Map([["x", 1]]), new Map([["x", 2]])] });
  for (
    const options of [{}, { dark: true }, { width: 360, height: 640 }, {
      width: 360,
      height: 640,
      dark: true,
    }]
  ) {
    const page = await browser.open(listening.origin, options);
    await page.locator("#list table").waitFor();
    await page.evaluate(axe.source);
    const found = await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))",
    );
    assertEquals(found, []);
    await page.close();
  }
});

browserTest("everything can be reached by the keyboard alone", async (browser, listening) => {
  const page = await browser.open(listening.origin);
  const reached = new Set<string>();
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate("document.activeElement.id || document.activeElement.textContent"));
  }
  for (const id of ["who", "lobby", "join-room", "words", "theme", "scroller", "input"]) {
    assert(reached.has(id), id);
  }
});

Deno.test("the page is at most 150 kB compressed, and asks for nothing outside", async () => {
  const { compressed, html } = await servePage(await builtPage());
  assertLess(compressed.length, 150_000);
  const text = new TextDecoder().decode(html);
  assertEquals(/(?:src|href)="https?:/.test(text), false);
  assertEquals(text.includes("innerHTML"), false);
});
