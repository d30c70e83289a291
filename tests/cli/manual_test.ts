import { STATUS, UNITS, VALUES } from "../../lib/cli/help.ts";
import { formatManual } from "../../lib/cli/manual.ts";
import { OPTIONS } from "../../lib/cli/options.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

const PAGE = formatManual(new Date("2026-12-01"));

/** Runs mandoc on the page; undefined where there is none. */
async function mandoc(...args: string[]): Promise<{ code: number; out: string } | undefined> {
  try {
    const child = new Deno.Command("mandoc", { args, stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(PAGE));
    await writer.close();
    const { code, stdout } = await child.output();
    return { code, out: new TextDecoder().decode(stdout) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const HAS_MANDOC = await mandoc("-T", "lint") !== undefined;

/** Takes out what a printer would strike over: bold letters stand twice, with a backspace between. */
function withoutOverstrikes(text: string): string {
  const [last = "", ...rest] = text.split("\b").toReversed();
  return rest.map((part) => part.slice(0, -1)).toReversed().join("") + last;
}

Deno.test("the manual has an item for each option of the table, and no other", () => {
  const items = [...PAGE.matchAll(/^\.It .*?Fl Fl ([a-z-]+)/gm)].map(([, name]) => name!);
  assertEquals(items.toSorted(), OPTIONS.map(({ name }) => name).toSorted());
});

Deno.test({
  name: "mandoc finds no fault in the manual, and shows what --help says",
  ignore: !HAS_MANDOC,
  async fn() {
    assertEquals(await mandoc("-T", "lint"), { code: 0, out: "" });
    const shown = (await mandoc("-T", "ascii", "-O", "width=1000"))!.out;
    const plain = withoutOverstrikes(shown).replaceAll(/\s+/g, " ");
    for (const { name, argument, about, default: value } of OPTIONS) {
      assertStringIncludes(plain, `--${name}${argument === undefined ? "" : ` ${argument}`} `);
      assert(plain.toLowerCase().includes(about.toLowerCase()), about);
      if (value !== undefined) assertStringIncludes(plain, `The default is ${value}.`);
    }
    for (const text of [VALUES, UNITS, STATUS.replace("Exit status: ", "")]) {
      assertStringIncludes(plain, text);
    }
    assertStringIncludes(plain, `chat --connect localhost --send "{'temperature': 21.5}"`);
  },
});
