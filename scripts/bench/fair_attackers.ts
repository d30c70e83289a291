/** Peers that make a listener work for them as hard as they can: `deno run fair_attackers.ts PORT KIND…`, until it is killed. */

import { encodeFrame, HEADER_SIZE } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { frameOf } from "./fair_lines.ts";

const [port = "", ...kinds] = Deno.args;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A connection of an attacker. */
class Attacker {
  readonly conn: Deno.TcpConn;

  private constructor(conn: Deno.TcpConn) {
    this.conn = conn;
  }

  static async enter(nick: string): Promise<Attacker> {
    const attacker = new Attacker(await Deno.connect({ hostname: "127.0.0.1", port: Number(port) }));
    await attacker.write(frameOf({ type: "hello", nick, replay: 0 }));
    return attacker;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.conn.write(bytes.subarray(at));
  }

  /** Reads and drops what comes, as fast as it may. */
  async drain(): Promise<void> {
    const buffer = new Uint8Array(1 << 18);
    while (await this.conn.read(buffer) !== null);
  }
}

/** Runs an attack on so many connections, each again when it ends. */
function crowd(count: number, attack: (n: number) => Promise<void>): void {
  for (let n = 0; n < count; n++) {
    (async () => {
      for (;;) {
        await attack(n).catch(() => {});
        await sleep(50);
      }
    })();
  }
}

/** Says the same again and again, and reads the answers. */
function flood(count: number, message: Record<string, Value>): void {
  crowd(count, async (n) => {
    const attacker = await Attacker.enter(`flood-${n}`);
    attacker.drain().catch(() => {});
    const frame = frameOf(message);
    const many = new Uint8Array(frame.length * 20);
    for (let at = 0; at < many.length; at += frame.length) many.set(frame, at);
    for (;;) await attacker.write(many);
  });
}

/** A frame of as many opcodes as it may have, so that its verification takes long. */
function opcodes(opcode: readonly number[], size: number): Uint8Array {
  const payload = new Uint8Array(size);
  payload.set([0x80, 4, 0x28]);
  for (let at = 3; at + opcode.length <= size - 2; at += opcode.length) payload.set(opcode, at);
  payload.set([0x6c, 0x2e], 3 + Math.floor((size - 5) / opcode.length) * opcode.length);
  return encodeFrame(payload);
}

function post(frames: Uint8Array, count: number): void {
  crowd(count, async (n) => {
    const attacker = await Attacker.enter(`poster-${n}`);
    attacker.drain().catch(() => {});
    for (;;) await attacker.write(frames);
  });
}

const ATTACKS: Readonly<Record<string, () => void>> = {
  // Connections that are gone at once, with what they were told unread.
  S1: () =>
    crowd(4, async () => {
      for (;;) {
        const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
        conn.close();
      }
    }),
  // Keys of a costly kind.
  S2: () =>
    post(
      encodeFrame(encode(new Map(Array.from({ length: 20_000 }, (_, n) => [2n ** 70n + BigInt(n), n])))),
      2,
    ),
  S3: () => post(opcodes([0x4b, 1], 16_000_000), 1),
  "S3 sets": () => post(opcodes([0x8f], 16_000_000), 1),
  "S3 x20": () => post(opcodes([0x5d, 0x94], 2_000_000), 20),
  // Readers that stop in the middle of long frames, which others post.
  S4: () => {
    crowd(40, async (n) => {
      const attacker = await Attacker.enter(`pin-${n}`);
      const buffer = new Uint8Array(1000);
      for (;;) {
        await attacker.conn.read(buffer);
        await sleep(200 + 10 * n);
      }
    });
    const body = new Uint8Array(3_900_000);
    crowd(2, async (n) => {
      const attacker = await Attacker.enter(`long-${n}`);
      attacker.drain().catch(() => {});
      for (;;) await attacker.write(frameOf({ type: "message", body }));
    });
  },
  // Bulk of several sizes within the limits, and readers that are behind: at 64 kB/s, and at next to nothing.
  bulk: () => {
    for (const size of [20_000, 200_000, 3_900_000]) {
      const frame = frameOf({ type: "message", body: new Uint8Array(size) });
      crowd(1, async () => {
        const attacker = await Attacker.enter(`bulk-${size}`);
        attacker.drain().catch(() => {});
        for (;;) await attacker.write(frame);
      });
    }
    crowd(10, async (n) => {
      const attacker = await Attacker.enter(`slow-${n}`);
      const buffer = new Uint8Array(n < 8 ? 6400 : 10);
      for (;;) {
        await attacker.conn.read(buffer);
        await sleep(100);
      }
    });
  },
  // Frames that are nearly whole.
  S6: () =>
    crowd(20, async (n) => {
      const attacker = await Attacker.enter(`half-${n}`);
      await attacker.write(new TextEncoder().encode("16000000".padEnd(HEADER_SIZE)));
      await attacker.write(new Uint8Array(15_900_000));
      for (;;) {
        await sleep(800);
        await attacker.write(Uint8Array.of(0));
      }
    }),
  "S7 history": () => {
    crowd(1, async () => {
      const attacker = await Attacker.enter("writer");
      attacker.drain().catch(() => {});
      for (let n = 0; n < 900; n++) {
        await attacker.write(frameOf({ type: "message", body: `${n} ${"x".repeat(700)}` }));
      }
      await sleep(3_600_000);
    });
    flood(12, { type: "history", room: "lobby", limit: 1e9 });
  },
  "S7 rooms": () => {
    crowd(10, async (n) => {
      const attacker = await Attacker.enter(`owner-${n}`);
      attacker.drain().catch(() => {});
      for (let room = 0; room < 90; room++) {
        await attacker.write(frameOf({ type: "join", room: `r${n}-${room}` }));
        await attacker.write(frameOf({ type: "topic", room: `r${n}-${room}`, text: "t".repeat(500) }));
      }
      await sleep(3_600_000);
    });
    flood(4, { type: "rooms" });
  },
  "S7 who": () => flood(4, { type: "who" }),
  // Refs that are to be remembered.
  S10: () =>
    crowd(8, async (n) => {
      const attacker = await Attacker.enter(`refs-${n}`);
      attacker.drain().catch(() => {});
      for (let ref = 0;; ref++) {
        await attacker.write(frameOf({ type: "message", body: 1, ref: `${ref} ${"r".repeat(100)}` }));
      }
    }),
  S12: () => flood(4, { type: "op", token: "guess" }),
  // Private messages for each other, which nobody reads.
  S13: () =>
    crowd(60, async (n) => {
      const attacker = await Attacker.enter(`mute-${n}`);
      const frame = frameOf({ type: "message", to: `mute-${(n + 1) % 60}`, body: new Uint8Array(60_000) });
      for (;;) await attacker.write(frame);
    }),
};

for (const kind of kinds) {
  const attack = ATTACKS[kind];
  if (attack === undefined) {
    console.error(`There is no attack ${kind}; there are: ${Object.keys(ATTACKS).join(", ")}`);
    Deno.exit(2);
  }
  attack();
}
