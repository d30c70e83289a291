/** A real browser: Chromium, driven as a person would. */

import { type Browser, chromium, type Page } from "playwright-core";
import { makePage } from "../../scripts/page.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Whether there is a browser here; the tests that need one are ignored without. */
export const HAS_CHROMIUM = await Deno.stat(CHROMIUM).then(() => true, () => false);

/** A name of this machine. A page that is opened by it without https is no secure context, as by an address of the LAN. */
export const LAN_NAME = "lan-pc";

/** What keeps the browser from asking for anything on the network but the page. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${LAN_NAME} 127.0.0.1`,
];

/** Without https a browser ignores the header that keeps other pages' windows apart, and says so as an error. */
const HARMLESS = /^The Cross-Origin-Opener-Policy header has been ignored/;

/** After this time a page will not show any more what is waited for. */
const GIVE_UP_MS = 60_000;

let page: Promise<string> | undefined;

/** The page as it is built, made once for all tests. */
export function builtPage(): Promise<string> {
  return page ??= makePage(new URL("../../", import.meta.url).pathname);
}

/** The size and the colours of a page. */
export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A browser that runs until it is disposed of, and what went wrong in its pages. */
export class RealBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  /** Errors of scripts, and what the policy of a page refused. */
  readonly faults: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<RealBrowser> {
    return new RealBrowser(await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS }));
  }

  /** Opens a page in a profile of its own, and gives it when it is in the chat. */
  async open(url: string, options: PageOptions = {}): Promise<Page> {
    const page = await this.visit(url, options);
    await page.locator("#who:not(:empty)").waitFor({ state: "attached" });
    return page;
  }

  /** Opens a page in a profile of its own. */
  async visit(url: string, options: PageOptions = {}): Promise<Page> {
    const { width = 1000, height = 700, dark = false } = options;
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(GIVE_UP_MS);
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !HARMLESS.test(message.text())) this.faults.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** Types a line into the input, and enters it. */
export async function enter(page: Page, text: string): Promise<void> {
  await page.fill("#input", text);
  await page.press("#input", "Enter");
}

/** The texts of the messages that are shown, each with its author. */
export function messages(page: Page): Promise<string[]> {
  return page.evaluate(`Array.from(document.querySelectorAll("#list > li.message"), (row) =>
    row.querySelector(".author").textContent + ": " + row.querySelector(".text, .object").textContent)`);
}

/** Waits until a text is shown. */
export async function seen(page: Page, text: string): Promise<void> {
  await page.locator("#list > li", { hasText: text }).first().waitFor({ state: "attached" });
}

/** Waits until an element is in view. */
export async function inView(page: Page, selector: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(document.querySelector(${JSON.stringify(selector)}));
  })`);
}
