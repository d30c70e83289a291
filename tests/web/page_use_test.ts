/** What a person meets who uses the page for a while. */

import axe from "axe-core";
import type { Page } from "playwright-core";
import { assert, assertEquals, assertLess } from "../assert.ts";
import { enter, LAN_NAME, messages, seen } from "./browser.ts";
import { browserTest } from "./browser_test_kit.ts";

const place = (page: Page, key: string) => page.locator("#places button:not(.close)", { hasText: key });
const name = (page: Page, nick: string) =>
  page.locator("#who", { hasText: nick }).waitFor({ state: "attached" });
const gap = (page: Page) =>
  page.evaluate<number>(
    "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.querySelector('#scroller'))",
  );

browserTest(
  "private messages, rooms, drafts and the name are this tab's own, and outlive a reload",
  async (browser, listening) => {
    using ben = await listening.tcp.enter("ben");
    const page = await browser.open(listening.origin);
    await enter(page, "/nick fred");
    await name(page, "fred");
    await page.locator("#people button", { hasText: "ben" }).click();
    await enter(page, "psst");
    await seen(page, "psst");
    assertEquals((await ben.until("message")).body, "psst");
    assertEquals(await page.locator("#people-section").isVisible(), false);
    await page.fill("#input", "for ben alone");
    await place(page, "lobby").click();
    assertEquals(await page.inputValue("#input"), "");
    await enter(page, "/join ops");
    await page.locator("#heading", { hasText: "ops" }).waitFor();
    ben.send({ type: "message", to: "fred", body: "are you there?" });
    await place(page, "@ben").locator(".count", { hasText: "1" }).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(listening.origin);
    await name(tab, "fred-2");
    await page.reload();
    await name(page, "fred");
    await place(page, "lobby").waitFor();
    await place(page, "@ben").locator(".count", { hasText: "1" }).waitFor();
    assertEquals(await page.textContent("#heading"), "ops");
    await place(page, "@ben").click();
    await seen(page, "are you there?");
    assertEquals(await messages(page), ["fred: psst", "ben: are you there?"]);
    assertEquals(await page.inputValue("#input"), "for ben alone");
    // The other tab asks for its own name, though the first one is free now.
    await page.close();
    for (let left = await ben.until("left"); left.nick !== "fred";) left = await ben.until("left");
    await tab.reload();
    await name(tab, "fred-2");
  },
);

browserTest(
  "refusals go with the next command, answers stand in the room, and who was kicked finds a way back",
  async (browser, listening) => {
    using ann = await listening.tcp.enter("ann");
    const page = await browser.open(listening.origin);
    const notice = page.locator("#notice");
    await enter(page, "/nick fred");
    await name(page, "fred");
    await enter(page, "/op wrong");
    await notice.getByText("the token is wrong").waitFor();
    listening.tcp.clock.advance(2000);
    await enter(page, "/op token");
    await seen(page, "you are an operator now");
    assertEquals(await notice.isVisible(), false);
    await enter(page, "/mute ann");
    await seen(page, "ann is muted");
    await page.fill("#join-room", "a b");
    await page.press("#join-room", "Enter");
    await notice.waitFor();
    assertEquals(await page.locator("#places button").allTextContents(), ["lobby"]);
    await enter(page, "/help");
    await page.locator("#dialog[open]").waitFor();
    assertEquals(
      await page.evaluate(
        "[document.activeElement.id, document.querySelector('#dialog').scrollTop, document.querySelector('#dialog-body').scrollTop]",
      ),
      ["dialog-body", 0, 0],
    );
    await page.keyboard.press("Escape");
    await enter(page, "find me");
    await seen(page, "find me");
    await page.fill("#words", "find");
    await page.press("#words", "Enter");
    const hit = page.locator("#dialog button.hit");
    await hit.waitFor();
    assert((await hit.textContent())!.startsWith("#1 "));
    await hit.click();
    assertEquals(await page.evaluate("document.activeElement.dataset.id"), "1");
    ann.send({ type: "op", token: "token" });
    await ann.until("op");
    ann.send({ type: "kick", room: "lobby", nick: "fred", text: "please stop" });
    await page.locator("#status", { hasText: "you were kicked by ann: please stop" }).waitFor();
    await enter(page, "still here");
    await notice.getByText("you are not in the chat").waitFor();
    assertEquals([await page.inputValue("#input"), await page.locator("#pending li").count()], [
      "still here",
      0,
    ]);
    await page.locator("#status button").click();
    await page.locator("#status").waitFor({ state: "hidden" });
    await page.press("#input", "Enter");
    await seen(page, "still here");
  },
  { operatorToken: "token" },
);

browserTest(
  "the view stays at the newest message, shows what came meanwhile, and goes there for an own post",
  async (browser, listening) => {
    using ann = await listening.tcp.enter("ann");
    const page = await browser.open(listening.origin, { height: 400 });
    await enter(page, "/nick fred");
    await name(page, "fred");
    for (let id = 1; id <= 40; id++) ann.send({ type: "message", body: `message ${id}` });
    await seen(page, "message 40");
    await page.locator("#scroller").evaluate((scroller) =>
      (scroller as unknown as { scrollTop: number }).scrollTop = 300
    );
    const newest = page.locator(".to-newest");
    await newest.waitFor();
    ann.send({ type: "message", body: "one more" });
    ann.send({ type: "message", body: "and fred: look" });
    await newest.getByText("to the newest (2 new, 1 for you)").waitFor();
    await enter(page, "my own");
    await seen(page, "my own");
    await newest.waitFor({ state: "hidden" });
    assertLess(await gap(page), 40);
    await enter(page, "/nothing");
    await page.locator("#notice").waitFor();
    await page.evaluate("new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))");
    assertLess(await gap(page), 40);
    await page.evaluate(`{
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(["x"], "x.png", { type: "image/png" }));
      document.querySelector("#input").dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }`);
    await page.locator("#notice", { hasText: "the page cannot send files" }).waitFor();
    await enter(page, "/clear");
    await page.locator("#list > li").first().waitFor({ state: "detached" });
    await enter(page, "/history 2");
    await seen(page, "my own");
    assertEquals((await messages(page)).map((text) => text.replace(/^\w+: /, "")), [
      "and fred: look",
      "my own",
    ]);
  },
);

browserTest(
  "a telephone in the LAN, without https, posts; its menu counts private messages and leaves the input free",
  async (browser, listening) => {
    using ben = await listening.tcp.enter("ben");
    ben.send({ type: "topic", room: "lobby", text: "the night runs" });
    const page = await browser.open(`http://${LAN_NAME}:${listening.web.port}/`, { width: 360, height: 640 });
    assertEquals(await page.evaluate("isSecureContext"), false);
    await page.locator("#topic", { hasText: "the night runs" }).waitFor();
    await page.click("#menu");
    await page.click("#who");
    assertEquals([await page.inputValue("#input"), await page.locator("#side").isVisible()], [
      "/nick ",
      false,
    ]);
    await enter(page, "/nick fred");
    await name(page, "fred");
    await enter(page, "from the LAN");
    await seen(page, "from the LAN");
    await page.locator("#pending li").waitFor({ state: "detached" });
    ben.send({ type: "message", to: "fred", body: "psst" });
    await page.locator("#badge", { hasText: "1 !" }).waitFor();
    await page.click("#menu");
    const [side, header] = [
      await page.locator("#side").boundingBox(),
      await page.locator("header").boundingBox(),
    ];
    assertLess(Math.abs(side!.y - header!.y - header!.height), 1);
    await place(page, "@ben").click();
    await seen(page, "psst");
    await enter(page, "/msg nobody hey");
    await page.locator("#pending .refused").waitFor();
    await page.click("#menu");
    await page.evaluate(axe.source);
    const found = await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))",
    );
    assertEquals(found, []);
    await page.locator("[aria-label='close @nobody']").click();
    await page.locator("#heading", { hasText: "lobby" }).waitFor();
    assertEquals(await page.locator("#pending li").count(), 0);
  },
);
