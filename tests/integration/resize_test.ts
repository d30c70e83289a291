/** The screen in a terminal that is resized at random: nothing above the input line is lost or doubled. */

import { assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";
import { CHAT } from "./chat_process.ts";
import { Listening } from "./listening.ts";
import { HAS_TMUX, Tmux } from "./tmux.ts";

if (!HAS_TMUX) console.log("tests/integration/resize_test.ts: left out, for there is no tmux");

/** How many rounds of how many steps; CHAT_RESIZE_ROUNDS asks for more rounds, CHAT_RESIZE_SEED for others. */
const ROUNDS = Number(Deno.env.get("CHAT_RESIZE_ROUNDS") ?? 2);
const FIRST_SEED = Number(Deno.env.get("CHAT_RESIZE_SEED") ?? 1);
const STEPS = 40;

const TYPED = [
  "漢字",
  "e\u0301",
  "한국어",
  "word",
  "Ａ",
  "-",
  "ที่",
  "long-enough-to-be-wrapped",
  "é",
  "and",
  "😀",
];

/**
 * What the window does and what is said in it. Where text with wide characters is wrapped anew, tmux misplaces the cursor
 * of any program and loses lines by itself; so wide characters are said only in lines that no width of theirs wraps.
 */
const KINDS = {
  "any width": {
    said: ["word", "-", "long-enough-to-be-wrapped", "and", "e\u0301", "é"],
    least: 12,
    most: 12,
  },
  "wide characters": { said: ["漢字", "한", "Ａ", "ที่", "e\u0301", "😀"], least: 80, most: 4 },
};

for (let round = 0; round < ROUNDS; round++) {
  const seed = FIRST_SEED + round;
  for (const kind of ["any width", "wide characters"] as const) {
    Deno.test({
      name: `no resize of the window loses or doubles a message (${kind}, seed ${seed})`,
      ignore: !HAS_TMUX,
      fn: () => survives(seed, kind),
    });
  }
}

async function survives(seed: number, which: keyof typeof KINDS): Promise<void> {
  const { said: pieces, least, most } = KINDS[which];
  const random = randomOf(seed);
  await using listening = await Listening.start({ limits: { messageRate: 10_000, messageBurst: 10_000 } });
  using mouth = await listening.enter("mouth");
  const words = [...CHAT, "--connect", `127.0.0.1:${listening.port}`, "--nick", "alice"];
  await using tmux = await Tmux.start(words, { columns: 80, rows: 24 });
  await tmux.until((screen) => screen.some((row) => /^\S+@lobby>/.test(row)));
  const said: string[] = [];
  const say = (count: number) => {
    for (let n = 0; n < count; n++) {
      const text = Array.from({ length: random(most) }, () => pieces[random(pieces.length)]).join(" ");
      said.push(`<${said.length + 1}:${text}>`);
      mouth.send({ type: "message", body: said.at(-1)! });
    }
  };
  const log: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const [kind, size] = [random(9), [least + random(110), 5 + random(40)] as const];
    log.push(`${kind} ${size}`);
    if (kind < 3) await tmux.resize(...size);
    else if (kind === 3) {
      if (least > 40) await tmux.unsplit();
      await tmux.split("-h");
    } else if (kind === 4) await tmux.split("-v");
    else if (kind === 5) await tmux.unsplit();
    else if (kind === 6) await tmux.type(TYPED[random(TYPED.length)]!.repeat(1 + random(4)));
    else if (kind === 7) say(1 + random(3));
    else if (random(3) === 0) say(100);
    else await tmux.press(["Left", "C-a", "C-e", "M-b", "C-w", "C-u"][random(6)]!);
    // Sometimes it is seen before the next step, and often it is not.
    if (said.length > 0 && random(4) === 0) {
      await tmux.until((rows) => blankless(rows).includes(last(said)), ALL);
    }
  }
  await tmux.unsplit();
  await tmux.resize(100, 30);
  say(1);
  // The line that is being typed stands whole below it once the width is known to stay.
  const isSettled = (all: string) => all.lastIndexOf("lobby>") > all.lastIndexOf(last(said));
  const screen = await tmux.until((rows) => {
    const all = blankless(rows);
    return all.includes(last(said)) && isSettled(all);
  }, ALL);
  const all = blankless(screen);
  const found = [...all.matchAll(/\d\d:\d\dmouth:(<\d+:[^>]*>)/g)].map(([, text]) => text!);
  const expected = said.map((text) => blankless([text]));
  const where = `seed ${seed}, steps ${log.join("; ")}\n${screen.join("\n")}`;
  for (const [n, text] of expected.entries()) assertEquals(found[n], text, where);
  assertEquals(found.length, expected.length, where);
}

const ALL = { scrollback: true };

/** The text without blanks and newlines: where a row ends depends on the widths that it had. */
function blankless(rows: readonly string[]): string {
  return rows.join("").replace(/\s/g, "");
}

function last(said: readonly string[]): string {
  return blankless([said.at(-1)!]);
}
