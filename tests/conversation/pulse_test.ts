import type { Clock } from "../../lib/clock.ts";
import { Pulse } from "../../lib/conversation/pulse.ts";
import { assertEquals } from "../assert.ts";

/** A clock that a test turns. */
class HandClock implements Clock {
  #now = 0;
  #alarms: { at: number; then: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    const alarm = { at: this.#now + ms, then };
    this.#alarms.push(alarm);
    return () => this.#alarms = this.#alarms.filter((other) => other !== alarm);
  }

  turn(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.then();
    }
    this.#now = end;
  }

  /** The machine sleeps: time goes on and nobody is woken. */
  sleep(ms: number): void {
    this.#now += ms;
  }
}

function watched(): { clock: HandClock; told: string[]; pulse: Pulse } {
  const clock = new HandClock();
  const told: string[] = [];
  const pulse = new Pulse(clock, {
    isListening: () => true,
    ask: () => told.push("ask"),
    lost: () => told.push("lost"),
  });
  return { clock, told, pulse };
}

Deno.test("Pulse asks after a silence, once, and gives up where nothing comes", () => {
  const { clock, told } = watched();
  clock.turn(70_000);
  assertEquals(told, []);
  clock.turn(10_000);
  assertEquals(told, ["ask"]);
  clock.turn(600_000);
  assertEquals(told, ["ask", "lost"]);
});

Deno.test("Pulse counts any byte as life", () => {
  const { clock, told, pulse } = watched();
  clock.turn(80_000);
  pulse.heard();
  clock.turn(70_000);
  assertEquals(told, ["ask"]);
  pulse.stop();
  clock.turn(600_000);
  assertEquals(told, ["ask"]);
});

Deno.test("Pulse asks at once when the machine has slept, and leaves time for the answer", () => {
  const { clock, told } = watched();
  clock.turn(1_000);
  clock.sleep(3_600_000);
  clock.turn(0);
  assertEquals(told, ["ask"]);
  clock.turn(10_000);
  assertEquals(told, ["ask"]);
  clock.turn(10_000);
  assertEquals(told, ["ask", "lost"]);
});
