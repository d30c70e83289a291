import { RoomNotes } from "../../lib/listener/room_notes.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import type { Told } from "../../lib/view/view.ts";
import { ManualClock } from "../clock.ts";
import { assertEquals } from "../assert.ts";

const ANN = { address: "192.0.2.7:5000", nick: "ann" };
const OPERATOR = { address: "192.0.2.8:5000", nick: "boss" };

/** Events of the log, each with the message by which a room shows the same. */
const PAIRS: [LogEvent, Told][] = [
  [{ event: "came", ...ANN }, { type: "joined", room: "lobby", nick: "Ann", at: 0 }],
  [{ event: "went", ...ANN, why: "failed" }, { type: "left", room: "lobby", nick: "ann", at: 0 }],
  [{ event: "renamed", ...ANN, to: "eve" }, {
    type: "renamed",
    room: "lobby",
    nick: "ann",
    to: "eve",
    at: 0,
  }],
  [{ event: "topic", ...ANN, room: "ops", text: "x" }, {
    type: "topic",
    room: "ops",
    nick: "ann",
    text: "x",
    at: 0,
  }],
  [
    { event: "kicked", ...OPERATOR, room: "lobby", who: "ann", text: "" },
    { type: "left", room: "lobby", nick: "ann", at: 0, why: "kicked", by: "boss" },
  ],
  [
    { event: "banned", ...OPERATOR, who: "ann", text: "" },
    { type: "left", room: "lobby", nick: "ann", at: 0, why: "banned", by: "boss" },
  ],
];

function notes() {
  const clock = new ManualClock();
  const noted: string[] = [];
  return { clock, noted, notes: new RoomNotes(clock, ({ event }) => void noted.push(event)) };
}

Deno.test("an event that a room shows too does not become a note, whichever comes first", () => {
  for (const [event, message] of PAIRS) {
    for (const roomFirst of [true, false]) {
      const { clock, noted, notes: log } = notes();
      if (roomFirst) log.shown(message);
      log.log(event);
      clock.advance(100);
      if (!roomFirst) log.shown(message);
      clock.advance(10_000);
      assertEquals(noted, [], event.event);
    }
  }
});

Deno.test("an event that a room could show becomes a note after a moment, and any other at once", () => {
  for (const [event, message] of PAIRS) {
    const { clock, noted, notes: log } = notes();
    // Something else, or the same long ago.
    log.shown(message);
    clock.advance(2000);
    log.shown({ type: "joined", room: "lobby", nick: "somebody else", at: 0 });
    log.log(event);
    clock.advance(149);
    assertEquals(noted, []);
    clock.advance(1);
    assertEquals(noted, [event.event]);
  }
  const { noted, notes: log } = notes();
  log.log({ event: "promoted", ...ANN });
  log.log({ event: "slowed", ...ANN });
  log.log({ event: "muted", ...OPERATOR, room: "lobby", who: "ann" });
  assertEquals(noted, ["promoted", "slowed", "muted"]);
});

Deno.test("too many waiting notes are written at once, and none is written after the end", () => {
  const { clock, noted, notes: log } = notes();
  for (let n = 0; n < 1500; n++) log.log({ event: "came", address: "192.0.2.1:1", nick: `n${n}` });
  assertEquals(noted.length, 500);
  log.stop();
  clock.advance(1000);
  assertEquals(noted.length, 500);
});
