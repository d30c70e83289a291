import { parseCommandLine } from "../../lib/cli/mod.ts";
import { optionOfLimit } from "../../lib/cli/options.ts";
import {
  DEFAULT_LIMITS,
  LIFTED_LIMITS,
  LIMIT_NAMES,
  LIMIT_OPTIONS,
  LIMITS,
  type Limits,
} from "../../lib/base/limits.ts";
import { assert, assertEquals } from "../assert.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;

function limitsOf(...words: string[]): Limits {
  const command = parseCommandLine(["--serve", ...words]);
  assert(command.kind === "serve");
  return command.limits;
}

Deno.test("the limits have their documented values", () => {
  assertEquals(DEFAULT_LIMITS, {
    maxFrame: 16 * MIB,
    maxEnvelope: 64 * KIB,
    memory: 512 * MIB,
    roomRing: MIB,
    spill: 1024 * MIB,
    privateQueue: MIB,
    roomsPerPeer: 100,
    rooms: 1000,
    presence: 500,
    maxTopic: 500,
    maxBans: 10_000,
    namesListed: 1000,
    connections: 10_000,
    connectionsPerAddress: 64,
    newPerMinute: 120,
    messageRate: 100,
    messageBurst: 1000,
    byteRate: 4 * MIB,
    byteBurst: 8 * MIB,
    workRate: SECOND / 5,
    workBurst: SECOND,
    enterAfter: SECOND,
    halfFrame: 30 * SECOND,
    writeStall: 30 * SECOND,
    pingAfter: 60 * SECOND,
    goodbye: SECOND,
    drain: 5 * SECOND,
  });
});

Deno.test("each limit is set by the option of its name and by no other", () => {
  const written = { size: ["8K", 8 * KIB], count: ["7", 7], time: ["9ms", 9] } as const;
  for (const name of LIMIT_OPTIONS) {
    const [text, number] = written[LIMITS[name].kind];
    assertEquals(
      limitsOf(`--${optionOfLimit(name)}`, text, ...name === "memory" ? ["--max-frame", "1K"] : []),
      {
        ...DEFAULT_LIMITS,
        ...name === "memory" ? { maxFrame: KIB } : {},
        [name]: number,
      },
    );
  }
});

Deno.test("--no-limits lifts limits on rates and connections only", () => {
  const lifted = LIMIT_NAMES.filter((name) => LIFTED_LIMITS[name] !== DEFAULT_LIMITS[name]);
  assertEquals(lifted, [
    "connections",
    "connectionsPerAddress",
    "newPerMinute",
    "messageRate",
    "messageBurst",
    "byteRate",
    "byteBurst",
    "workRate",
    "workBurst",
  ]);
  for (const name of lifted) assertEquals(limitsOf("--no-limits")[name], Infinity);
  assertEquals(limitsOf("--message-rate", "5", "--no-limits"), { ...LIFTED_LIMITS, messageRate: 5 });
});
