/** Figures in the text format of Prometheus. */

/** One metric, with its value. */
export interface Metric {
  /** The name, with its unit and, for a counter, `_total`. */
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  readonly value: number;
}

/**
 * Writes metrics as they are scraped. None has a label, so nobody can make them more.
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
