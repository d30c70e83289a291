/** Opens the screen and crashes while a line is being typed: the terminal must be as it was. */

import { Style } from "../../lib/terminal/style/style.ts";
import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { ScreenView } from "../../lib/terminal/screen_view.ts";

const terminal = new ScreenView({
  clock: SYSTEM_CLOCK,
  style: new Style("none"),
  asksBackground: false,
  setsTitle: false,
  bell: "off",
  hosts: false,
  input: () => Deno.stdin.readable,
  interrupt: () => {},
});
terminal.start({ leave: () => {}, retry: () => {}, fail: () => {} });
terminal.show({ kind: "problem", text: "type x to crash" });
terminal.next().then(() => {
  throw new Error("crashed on purpose");
});
