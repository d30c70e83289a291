/** The listener's limits, read from the command line. */

import type { GivenOptions } from "./given.ts";
import { optionOfLimit } from "./options.ts";
import { formatSize } from "./units.ts";
import { type Given, MOST_COUNT, readCount, readSize, readTime } from "./values.ts";
import { UsageError } from "../base/errors.ts";
import { leastBudget } from "../frame/mod.ts";
import {
  DEFAULT_LIMITS,
  LIFTED_LIMITS,
  LIMIT_OPTIONS,
  type LimitName,
  LIMITS,
  type Limits,
} from "../base/limits.ts";

/** The largest size of one buffer, and of the total of many, in bytes. */
const MOST_BUFFER = 2 ** 31 - 1;
const MOST_TOTAL = 2 ** 40;
const TOTALS: ReadonlySet<LimitName> = new Set<LimitName>([
  "memory",
  "spill",
  "byteRate",
  "byteBurst",
]);

const MIB = 1024 * 1024;

/** The longest time that a timer can wait, in whole days; milliseconds. */
const MOST_TIME = 24 * 86_400_000;

/** Reads the limits. Those not given have their defaults or, with `--no-limits`, are lifted. */
export function readLimits(given: GivenOptions): Limits {
  const limits: Record<LimitName, number> = { ...(given.has("no-limits") ? LIFTED_LIMITS : DEFAULT_LIMITS) };
  for (const name of LIMIT_OPTIONS) {
    const [limit] = given.all(optionOfLimit(name), (value) => readLimit(name, value));
    if (limit !== undefined) limits[name] = limit;
  }
  const least = leastBudget(limits.maxFrame);
  if (least > limits.memory) {
    throw new UsageError(
      `--memory ${formatSize(limits.memory)} is too little for --max-frame ${formatSize(limits.maxFrame)}: ` +
        `write --memory ${formatSize(Math.ceil(least / MIB) * MIB)} too`,
    );
  }
  return limits;
}

function readLimit(name: LimitName, given: Given): number {
  const limit = LIMITS[name];
  const least = "mayBeZero" in limit ? 0 : 1;
  switch (limit.kind) {
    case "size":
      return readSize(given, { least, most: TOTALS.has(name) ? MOST_TOTAL : MOST_BUFFER });
    case "count":
      return readCount(given, { least: 1, most: MOST_COUNT });
    case "time":
      return readTime(given, { least: 1, most: MOST_TIME });
  }
}
