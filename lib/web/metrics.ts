/** Metrics in the text format of Prometheus. */

import type { HistogramCounts } from "../base/histogram.ts";

/** One metric, with its value. */
export interface Metric {
  /** The name, with its unit and, for a counter, `_total`. */
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  readonly value: number;
}

/** A metric that counts durations by upper bounds. */
export interface HistogramMetric {
  readonly name: string;
  readonly help: string;
  readonly histogram: HistogramCounts;
}

/**
 * Formats metrics. None has a label, so clients cannot increase their number.
 *
 * Source: the Prometheus text exposition format, version 0.0.4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatMetrics } from "./metrics.ts";
 *
 * assertEquals(
 *   formatMetrics([{ name: "chat_peers", kind: "gauge", help: "Open connections.", value: 3 }]),
 *   "# HELP chat_peers Open connections.\n# TYPE chat_peers gauge\nchat_peers 3\n",
 * );
 * ```
 */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics.map(({ name, kind, help, value }) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${name} ${value}\n`
  ).join("");
}

/** Formats a histogram. Its only label is the bound of a bucket. */
export function formatHistogram(
  { name, help, histogram: { bounds, counts, count, sum } }: HistogramMetric,
): string {
  const buckets = bounds.map((bound, at) => `${name}_bucket{le="${bound}"} ${counts[at]}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${buckets.join("")}` +
    `${name}_bucket{le="+Inf"} ${count}\n${name}_sum ${sum}\n${name}_count ${count}\n`;
}
