import { PALETTES } from "../../../lib/terminal/style/palette.ts";
import { Style } from "../../../lib/terminal/style/style.ts";
import { assert, assertEquals, assertGreaterOrEqual } from "../../assert.ts";

const SGR = new RegExp("\u001b\\[([\\d;]+)m", "g");

type Rgb = readonly [number, number, number];

const BACKGROUNDS: Readonly<Record<"light" | "dark", Readonly<Record<string, Rgb>>>> = {
  light: { white: [255, 255, 255], "Solarized light": [0xFD, 0xF6, 0xE3] },
  dark: { black: [0, 0, 0], "Solarized dark": [0, 0x2B, 0x36] },
};

/** A colour of xterm's cube of 6 × 6 × 6. */
function cube(index: number): Rgb {
  const level = (n: number) => n === 0 ? 0 : 55 + 40 * n;
  const n = index - 16;
  return [level(Math.floor(n / 36)), level(Math.floor(n / 6) % 6), level(n % 6)];
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

for (const background of ["light", "dark"] as const) {
  Deno.test(`every colour has a contrast of at least 4.5:1 on a ${background} background`, () => {
    const { error, nicks } = PALETTES[background];
    for (const index of [error, ...nicks]) {
      assert(index >= 16 && index < 232, `${index} is none that themes leave alone`);
      for (const [name, rgb] of Object.entries(BACKGROUNDS[background])) {
        assertGreaterOrEqual(contrast(cube(index), rgb), 4.5, `${index} on ${name}`);
      }
    }
    assertEquals(new Set([error, ...nicks]).size, nicks.length + 1, "they differ");
  });
}

Deno.test("Style uses no colour but those of the palette, and none on an unknown background", () => {
  const used = (style: Style) => {
    const nicks = Array.from({ length: 200 }, (_, n) => style.nick(`nick${n}`));
    const texts = [
      ...nicks,
      ...(["dim", "bold", "error", "reverse", "mention"] as const).map((name) => style.as(name, "x")),
    ];
    return new Set(texts.flatMap((text) => [...text.matchAll(SGR)].map(([, sgr]) => sgr!)));
  };
  assertEquals(used(new Style("none")), new Set());
  for (const style of [new Style("colour"), new Style("monochrome", { background: "dark" })]) {
    assertEquals(used(style), new Set(["0", "1", "2", "7"]));
  }
  for (const background of ["light", "dark"] as const) {
    const { error, nicks } = PALETTES[background];
    const expected = ["0", "1", "2", "7", `1;38;5;${error}`, ...nicks.map((index) => `38;5;${index}`)];
    assertEquals(used(new Style("colour", { background })), new Set(expected));
  }
  assertEquals(
    new Style("colour", { background: "dark" }).nick("Bob").slice(0, 9),
    new Style("colour", { background: "dark" }).nick("bob").slice(0, 9),
  );
});
