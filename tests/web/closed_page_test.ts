import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { DEFAULT_LIMITS } from "../../lib/base/limits.ts";
import { Entrance } from "../../lib/listener/entrance.ts";
import { Gate } from "../../lib/listener/gate.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import { OnceLog } from "../../lib/log/once.ts";
import { PrivateChat } from "../../lib/private/private_chat.ts";
import { servePage } from "../../lib/web/page.ts";
import type { WebOptions } from "../../lib/web/server.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { builtPage, enter, HAS_CHROMIUM, RealBrowser, seen } from "./browser.ts";
import { ended, WebListening } from "./web_listening.ts";

/** A private chat with a page, and the codes that its operator is shown. */
class ClosedPage implements AsyncDisposable {
  readonly listening: WebListening;
  readonly chat: PrivateChat;
  readonly notes: string[];

  private constructor(listening: WebListening, chat: PrivateChat, notes: string[]) {
    this.listening = listening;
    this.chat = chat;
    this.notes = notes;
  }

  static async start(web: Partial<WebOptions> = {}): Promise<ClosedPage> {
    const folder = await Deno.makeTempDir({ prefix: "chat-private-" });
    await Deno.chmod(folder, 0o700);
    const notes: string[] = [];
    const log = (_: LogEvent) => {};
    const chat = await PrivateChat.open({
      folder,
      clock: SYSTEM_CLOCK,
      random: (size) => crypto.getRandomValues(new Uint8Array(size)),
      log,
      sharedCode: undefined,
      attended: true,
      where: () => "HOST",
      note: (text) => notes.push(text),
    });
    const { door } = chat;
    const page = await servePage(HAS_CHROMIUM ? await builtPage() : "<title>chat</title>");
    const listening: WebListening = await WebListening.start({
      web: {
        page,
        closed: door.certificate,
        admit: (duplex, from) => entrance.admit(duplex, from, { isBrowser: true }),
        ...web,
      },
    });
    const entrance = new Entrance({
      hub: listening.tcp.hub,
      gate: new Gate(DEFAULT_LIMITS),
      clock: SYSTEM_CLOCK,
      log,
      once: new OnceLog(log, SYSTEM_CLOCK),
      door,
    });
    return new ClosedPage(listening, chat, notes);
  }

  /** The code that the next person joins with. */
  async code(): Promise<string> {
    await this.chat.showCode();
    return /\w{4}(?:-\w{4}){3}/.exec(this.notes.at(-1)!)![0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.chat.door.close();
    await this.listening[Symbol.asyncDispose]();
    this.chat.close();
  }
}

Deno.test({
  name: "[browser] the page of a private chat asks for the code once, and later gets in without it",
  ignore: !HAS_CHROMIUM,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using browser = await RealBrowser.start();
    await using closed = await ClosedPage.start();
    const page = await browser.visit(closed.listening.origin);
    const form = page.locator("form.code");
    await form.locator('[aria-label="code"]').fill("no code");
    await form.locator("button").click();
    await page.getByText("a code has 16 letters and digits").waitFor();
    await form.locator('[aria-label="code"]').fill("aaaa-aaaa-aaaa-aaaa");
    await page.keyboard.press("Enter");
    await page.getByText("type your name, which cannot be changed later").waitFor();
    assertEquals(await page.evaluate("document.activeElement.getAttribute('aria-label')"), "your name");
    await form.locator('[aria-label="your name"]').fill("ben");
    await form.locator("button").click();
    await page.getByText("the code is not valid").waitFor();
    const again = page.locator("form.code");
    await again.locator('[aria-label="code"]').fill(await closed.code());
    await again.locator("button").click();
    await page.locator("#who", { hasText: "ben" }).waitFor({ state: "attached" });
    await enter(page, "inside");
    await seen(page, "inside");
    assert(await page.locator("#who").isDisabled(), "a member's name stays");
    assertMatch(await page.evaluate<string>("localStorage.getItem('secret')"), /^[0-9a-f]{64}$/);
    await page.reload();
    await page.locator("#who", { hasText: "ben" }).waitFor({ state: "attached" });
    await seen(page, "inside");
    assertEquals(await page.locator("form.code").count(), 0);
    assertEquals(browser.faults.filter((fault) => !fault.includes("WebSocket")), []);
  },
});

Deno.test({
  name: "[browser] the page keeps its secret where its address is blocked by the wrong codes of others",
  ignore: !HAS_CHROMIUM,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using browser = await RealBrowser.start();
    await using closed = await ClosedPage.start();
    const page = await browser.visit(closed.listening.origin);
    await page.locator('form.code [aria-label="code"]').fill(await closed.code());
    await page.locator('form.code [aria-label="your name"]').fill("ben");
    await page.locator("form.code button").click();
    await page.locator("#who", { hasText: "ben" }).waitFor({ state: "attached" });
    const secret = await page.evaluate<string>("localStorage.getItem('secret')");
    assertMatch(secret, /^[0-9a-f]{64}$/);
    for (let guess = 0; guess < 5; guess++) {
      await using stranger = await closed.listening.open();
      stranger.say({ type: "hello", nick: "stranger" });
      assertEquals((await stranger.next())?.code, "not-allowed");
    }
    await page.reload();
    await page.getByText("too many wrong codes").waitFor();
    assertEquals(await page.evaluate("localStorage.getItem('secret')"), secret);
  },
});

Deno.test("a private chat shows its page to nobody whose connection could be read", async () => {
  await using closed = await ClosedPage.start();
  const { origin } = closed.listening;
  const near = await fetch(origin);
  assertEquals(near.status, 200);
  await near.body?.cancel();
  const far = await fetch(origin, { headers: { "x-forwarded-for": "192.0.2.1" } });
  assertEquals(far.status, 403);
  assertMatch(await far.text(), /over https/);
  const { conn, status } = await closed.listening.ask({ "x-forwarded-for": "192.0.2.1" });
  conn.close();
  assertEquals(status, "403");
});

Deno.test("a socket of a private chat without a valid proof gets only its bye", async () => {
  await using closed = await ClosedPage.start();
  await using stranger = await closed.listening.open();
  stranger.say({ type: "hello", nick: "stranger" });
  const bye = await stranger.next();
  assertEquals([bye?.type, bye?.code], ["bye", "not-allowed"]);
  assert(await stranger.next() === null);
});

Deno.test("a socket of a private chat that begins with a line that is not valid gets its bye", async () => {
  await using closed = await ClosedPage.start();
  await using stranger = await closed.listening.open();
  stranger.send("not JSON");
  const bye = await stranger.next();
  assertEquals([bye?.type, bye?.code], ["bye", "not-allowed"]);
  assert(await stranger.next() === null);
});

Deno.test("a socket of a private chat that sends more than a hello before it is let in is ended", async () => {
  await using closed = await ClosedPage.start();
  const stranger = await closed.listening.half({ size: 16_000_000, sent: 9_000 });
  await ended(stranger);
  stranger.close();
  // As much as a hello needs is waited for.
  const slow = await closed.listening.half({ size: 8_000, sent: 7_000 });
  await using member = await closed.listening.open();
  member.say({ type: "hello", nick: "stranger" });
  assertEquals((await member.next())?.type, "bye");
  slow.close();
});
