/** Answers for monitoring: /healthz and /metrics. */

import { clientOf, isLoopback } from "../base/address.ts";
import type { Figures } from "../hub/upkeep/figures.ts";
import type { HistogramCounts } from "../base/histogram.ts";
import { formatHistogram, formatMetrics, type Metric } from "../web/metrics.ts";
import type { Answer } from "../web/server.ts";
import type { Health } from "./health.ts";

/** The options of {@linkcode monitoring}. */
export interface MonitoringOptions {
  readonly figures: () => Figures;
  /** The delays of the event loop since the start. */
  readonly loopDelays: () => HistogramCounts;
  readonly health: Pick<Health, "trouble">;
  /** The address, besides this machine, that may send requests. */
  readonly from: string | undefined;
}

const FORBIDDEN: Answer = {
  status: 403,
  type: "text/plain; charset=utf-8",
  body: "Only this machine and the address given to --metrics-from may request this\n",
};

/** Returns a function that answers a path, or returns null for a path that does not belong to monitoring. */
export function monitoring(
  { figures, loopDelays, health, from }: MonitoringOptions,
): (path: string, sender: string) => Answer | null {
  const answers = new Map<string, () => Answer>([
    ["/healthz", () => healthOf(figures(), health.trouble)],
    [
      "/metrics",
      () => ({
        status: 200,
        type: "text/plain; version=0.0.4; charset=utf-8",
        body: metricsText(figures(), loopDelays()),
      }),
    ],
  ]);
  return (path, sender) => {
    const answer = answers.get(path);
    if (answer === undefined) return null;
    const mayAsk = isLoopback(sender) || from !== undefined && clientOf(sender) === clientOf(from);
    return mayAsk ? answer() : FORBIDDEN;
  };
}

function healthOf(figures: Figures, trouble: string | null): Answer {
  const { uptime, peers, stalled, longest_loop_delay, memory } = figures;
  const body = {
    status: trouble === null ? "ok" : "failing",
    ...(trouble === null ? {} : { why: trouble }),
    uptime: uptime.value,
    peers,
    stalled,
    longest_loop_delay: longest_loop_delay.value,
    memory,
  };
  return {
    status: trouble === null ? 200 : 503,
    type: "application/json",
    body: `${JSON.stringify(body)}\n`,
  };
}

/** Returns all metrics. */
export function metricsText(figures: Figures, loopDelays: HistogramCounts): string {
  return formatMetrics(metricsOf(figures)) + formatHistogram({
    name: "chat_event_loop_delay_seconds",
    help: "Delays of the event loop, measured four times a second.",
    histogram: loopDelays,
  });
}

/** Converts the figures to metrics, with conventional names: base units, and `_total` for counters. */
function metricsOf(figures: Figures): Metric[] {
  const counter = (name: string, help: string, value: number): Metric => ({
    kind: "counter",
    name: `chat_${name}_total`,
    help,
    value,
  });
  const gauge = (name: string, help: string, value: number): Metric => ({
    kind: "gauge",
    name: `chat_${name}`,
    help,
    value,
  });
  return [
    gauge("uptime_seconds", "Time since the listener started.", figures.uptime.value),
    gauge("peers", "Open connections.", figures.peers),
    gauge("rooms", "Rooms, without those that sleep.", figures.rooms),
    gauge(
      "stalled_peers",
      "Peers to which a write has been pending for more than a second.",
      figures.stalled,
    ),
    counter("messages", "Posts that were stored.", figures.messages),
    counter("private_messages", "Private messages.", figures.private_messages),
    counter("deliveries", "Live messages sent to peers.", figures.deliveries),
    counter("received_bytes", "Bytes of frames from all peers.", figures.received),
    counter("sent_bytes", "Bytes of frames to all peers.", figures.sent),
    counter("slow_peers", "Peers that were closed because a write made no progress.", figures.slow),
    gauge("rings_bytes", "Memory that holds the newest frames of all rooms.", figures.rings),
    gauge("queues_bytes", "Frames that wait for single peers.", figures.queues),
    gauge("largest_queue_bytes", "The largest of these queues.", figures.largest_queue),
    gauge(
      "furthest_behind_bytes",
      "Bytes that the peer furthest behind still has to get from its rooms.",
      figures.furthest_behind,
    ),
    gauge(
      "loop_delay_seconds",
      "Median delay of the event loop in the last minute.",
      figures.loop_delay.value,
    ),
    gauge(
      "longest_loop_delay_seconds",
      "Longest delay of the event loop in the last minute.",
      figures.longest_loop_delay.value,
    ),
    gauge("resident_memory_bytes", "Resident memory of the process.", figures.memory),
  ];
}
